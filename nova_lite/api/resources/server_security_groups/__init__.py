# SPDX-License-Identifier: Apache-2.0
"""The security groups that a server is in."""
