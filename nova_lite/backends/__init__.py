# SPDX-License-Identifier: Apache-2.0
"""Ports to the world outside compute, and their adapters."""
