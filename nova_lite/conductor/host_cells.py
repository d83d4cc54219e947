# SPDX-License-Identifier: Apache-2.0
"""Which cell a host is in. A host stays in its cell, so what was found is remembered."""

from nova_lite.conductor.deps import Deps
from nova_lite.db.api import cells
from nova_lite.db.engine import Tx
from nova_lite.domain import errors
from nova_lite.domain.cell import CELL0, Cell


class HostCells:
    def __init__(self, deps: Deps) -> None:
        self._databases = deps.databases
        self._known: dict[str, str] = {}

    def of_services(self) -> Cell:
        """Where the services without servers are kept: the first enabled cell, else cell0."""
        for cell in self._databases.compute_cells():
            if not cell.disabled:
                return cell
        return self._databases.get_cell(CELL0)

    def find(self, host: str) -> Cell | None:
        """The cell that a host is mapped to."""
        known = self._known.get(host)
        if known is None:
            with self._databases.read_api() as tx:
                known = cells.cell_of_host(tx, host)
            if known is None:
                return None
            self._known[host] = known
        return self._databases.get_cell(known)

    def home(self, host: str) -> Cell:
        """The cell of a compute host; a new one belongs to the first enabled cell.

        Raises Unavailable when there is none."""
        found = self.find(host)
        if found is None:
            found = self.of_services()
            if found.uuid == CELL0:
                raise errors.Unavailable(
                    service="The cell of this host",
                    reason="no cell is mapped; run nova-lite-manage cell_v2 simple_cell_setup",
                )
        return found

    def map(self, tx: Tx, host: str, cell: Cell) -> None:
        """Remember for good, unless the host is mapped."""
        cells.map_host(tx, host, cell)

    def forget(self, host: str) -> None:
        self._known.pop(host, None)
