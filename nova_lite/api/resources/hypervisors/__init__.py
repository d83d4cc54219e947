# SPDX-License-Identifier: Apache-2.0
"""Hypervisors: the nodes that servers run on."""
