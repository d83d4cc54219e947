# SPDX-License-Identifier: Apache-2.0
"""Where servers live: which cell a new one goes to, which cell an old one is in."""

from collections import OrderedDict
from typing import Final

from nova_lite.base import concurrency
from nova_lite.base.context import RequestContext
from nova_lite.conductor.deps import Deps
from nova_lite.conductor.host_cells import HostCells
from nova_lite.db.api import instance_mappings
from nova_lite.db.cell import instances
from nova_lite.domain import errors
from nova_lite.domain.cell import CELL0, Cell
from nova_lite.domain.instance import Instance

REMEMBERED: Final = 20_000


class Cells:
    """Finds servers. What was found is remembered: a server does not leave its cell."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps
        self._known: OrderedDict[str, str] = OrderedDict()
        self.hosts = HostCells(deps)
        self._lock = concurrency.Lock()

    def home(self) -> Cell:
        """The cell of new servers: the first one that is enabled, cell0 where there is none."""
        for cell in self._deps.databases.compute_cells():
            if not cell.disabled:
                return cell
        return self._deps.databases.get_cell(CELL0)

    def remember(self, uuid: str, cell: Cell) -> None:
        with self._lock:
            self._known[uuid] = cell.uuid
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)

    def of(self, uuid: str) -> Cell:
        """The cell of a server, also of a deleted one. Raises InstanceNotFound."""
        known = self._known.get(uuid)
        if known is None:
            with self._deps.databases.read_api() as tx:
                mapping = instance_mappings.get(tx, uuid)
            if mapping is None:
                raise errors.InstanceNotFound(instance_id=uuid)
            known = mapping.cell
            self.remember(uuid, self._deps.databases.get_cell(known))
        return self._deps.databases.get_cell(known)

    def find(
        self, context: RequestContext, uuid: str, *, deleted: bool | None = False
    ) -> tuple[Cell, Instance]:
        """A server that the context may see. Raises InstanceNotFound."""
        cell = self.of(uuid)
        with self._deps.databases.read_cell(cell) as tx:
            found = instances.get(tx, uuid, deleted=deleted)
        if not context.is_admin and found.project_id != context.project_id:
            raise errors.InstanceNotFound(instance_id=uuid)
        return cell, found

    def of_host(self, host: str) -> Cell | None:
        """The cell of a compute host; None for one that never reported."""
        return self.hosts.find(host)
