# SPDX-License-Identifier: Apache-2.0
"""The API database: what belongs to no cell. One module a noun; functions take a transaction."""
