# SPDX-License-Identifier: Apache-2.0
"""Security groups and their rules, as the Compute API had them up to 2.35."""
