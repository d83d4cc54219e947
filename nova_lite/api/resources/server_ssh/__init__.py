# SPDX-License-Identifier: Apache-2.0
"""Ways to the ssh servers of guests."""
