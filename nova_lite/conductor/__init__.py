# SPDX-License-Identifier: Apache-2.0
"""The conductor: the only one that reads and writes the databases; it runs the flows."""
