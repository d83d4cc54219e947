# SPDX-License-Identifier: Apache-2.0
"""What was asked of a server, by whom, and what became of it."""
