# SPDX-License-Identifier: Apache-2.0
"""Two databases, API and cell. Only the conductor, manage and status come here."""
