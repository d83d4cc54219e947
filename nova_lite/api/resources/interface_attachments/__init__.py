# SPDX-License-Identifier: Apache-2.0
"""Network interfaces of servers."""
