# SPDX-License-Identifier: Apache-2.0
"""The database of one cell. One module a noun; functions take a transaction."""
