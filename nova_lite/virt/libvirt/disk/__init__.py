# SPDX-License-Identifier: Apache-2.0
"""The disks of guests on this host."""
