# SPDX-License-Identifier: Apache-2.0
"""Hypervisor drivers behind one small interface."""
