# SPDX-License-Identifier: Apache-2.0
"""Networks, as the Compute API showed them up to 2.35."""
