# SPDX-License-Identifier: Apache-2.0
"""nova_lite: a faithful, smaller OpenStack Compute service."""
