# SPDX-License-Identifier: Apache-2.0
"""The Networking API v2.0 over the built-in network, for clouds without Neutron."""
