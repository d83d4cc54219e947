# SPDX-License-Identifier: Apache-2.0
"""Flavors: how large servers are, who may use which, and their extra specs."""
