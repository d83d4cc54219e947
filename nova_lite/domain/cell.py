# SPDX-License-Identifier: Apache-2.0
"""Cells: a cell has a database and a message queue of its own. Known to the conductor only."""

from typing import Final

import msgspec

# The cell of servers that could never be placed. It has no hosts.
CELL0: Final = "00000000-0000-0000-0000-000000000000"


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """A cell mapping. `database_connection` and `transport_url` may hold passwords."""

    uuid: str
    name: str | None = None
    database_connection: str
    transport_url: str = "none:///"
    disabled: bool = False
    id: int = 0

    def __repr__(self) -> str:
        return f"Cell(uuid={self.uuid!r}, name={self.name!r}, disabled={self.disabled})"
