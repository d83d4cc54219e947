# SPDX-License-Identifier: Apache-2.0
"""Asking every cell the same; a cell that does not answer is left out and logged."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from nova_lite.db.databases import Databases
from nova_lite.db.engine import Tx
from nova_lite.domain.cell import Cell
from nova_lite.domain.errors import DatabaseUnavailable

LOG = logging.getLogger(__name__)
T = TypeVar("T")


def from_cells(
    databases: Databases, cells: Iterable[Cell], read: Callable[[Tx], T]
) -> list[tuple[Cell, T]]:
    """(cell, read(reader of the cell)) for each cell that answers, in their order."""
    found = []
    for cell in cells:
        try:
            with databases.read_cell(cell) as tx:
                found.append((cell, read(tx)))
        except DatabaseUnavailable as error:
            LOG.warning("cell %s is left out: %s", cell.name or cell.uuid, error)
    return found
