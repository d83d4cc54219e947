# SPDX-License-Identifier: Apache-2.0
"""Floating addresses, as the Compute API had them up to 2.35 (and actions on servers to 2.43)."""
