# SPDX-License-Identifier: Apache-2.0
"""What this host does when the conductor asks, one module for each family of calls."""
