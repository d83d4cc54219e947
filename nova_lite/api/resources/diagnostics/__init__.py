# SPDX-License-Identifier: Apache-2.0
"""Diagnostics of servers."""
