# SPDX-License-Identifier: Apache-2.0
"""What the servers of projects used."""
