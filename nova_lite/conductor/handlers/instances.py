# SPDX-License-Identifier: Apache-2.0
"""Servers: read, list, change what users may change, console output, explanations."""

from typing import Any

import msgspec

from nova_lite.base.context import RequestContext
from nova_lite.conductor import host_status, listing
from nova_lite.conductor.cells import Cells
from nova_lite.conductor.deps import Deps
from nova_lite.db.api import groups
from nova_lite.db.cell import faults, instances
from nova_lite.domain import errors, lifecycle
from nova_lite.domain.cell import Cell
from nova_lite.domain.diagnostics import Diagnostics
from nova_lite.domain.instance import (
    Expect,
    Instance,
    InstanceChanges,
    InstancePatch,
    InstanceQuery,
)
from nova_lite.domain.request import Explanation
from nova_lite.domain.ssh import SshAddress
from nova_lite.domain.states import Action
from nova_lite.rpc.contract import RawJson


class InstanceHandlers:
    def __init__(self, deps: Deps, cells: Cells) -> None:
        self._deps = deps
        self._cells = cells

    def get_instance(self, context: RequestContext, *, uuid: str) -> Instance:
        cell = self._cells.of(uuid)
        with self._deps.databases.read_cell(cell) as tx:
            found = instances.get(
                tx, uuid, host_status=lambda hosts: host_status.of(tx, self._deps.conf, hosts)
            )
        if not context.is_admin and found.project_id != context.project_id:
            raise errors.InstanceNotFound(instance_id=uuid)
        if "group" not in found.scheduler_hints:
            return found
        with self._deps.databases.read_api() as api:
            group = groups.group_of(api, uuid)
        return msgspec.structs.replace(found, server_group=group.uuid if group else None)

    def list_instances(
        self, context: RequestContext, *, query: InstanceQuery, summary: bool
    ) -> RawJson:
        if not context.is_admin and query.project_id != context.project_id:
            query = msgspec.structs.replace(query, project_id=context.project_id or "")
        return listing.page(self._deps, self._cells, query, summary=summary)

    def update_instance(
        self, context: RequestContext, *, uuid: str, changes: InstanceChanges
    ) -> Instance:
        cell, found = self._cells.find(context, uuid)
        lifecycle.check(Action.UPDATE, found.snapshot(), is_admin=context.is_admin)
        patch = msgspec.convert(msgspec.to_builtins(changes), InstancePatch)
        self._check_name(context, found, changes, cell.uuid)
        self._deps.databases.run_cell(
            cell, lambda tx: instances.update_if(tx, uuid, Expect(), patch), idempotent=True
        )
        return self.get_instance(context, uuid=uuid)

    def _check_name(
        self, context: RequestContext, found: Instance, changes: InstanceChanges, cell: str
    ) -> None:
        scope = self._deps.conf.osapi_compute_unique_server_name_scope
        name = changes.display_name
        if not scope or name is msgspec.UNSET or name == found.display_name:
            return
        project = found.project_id if scope == "project" else None
        with self._deps.databases.read_cell(cell) as tx:
            if instances.name_is_taken(tx, name, project, besides=found.uuid):
                raise errors.InstanceExists(name=name)

    def _host_of(self, cell: Cell, found: Instance) -> Any:
        """The client of a server's host, which answers."""
        if found.host is None:
            raise errors.InstanceNotReady(instance_id=found.uuid)
        with self._deps.databases.read_cell(cell) as tx:
            if not host_status.is_up(tx, self._deps.conf, found.host):
                raise errors.HostUnavailable()
        return self._deps.clients.compute(found.host)

    def get_console_output(self, context: RequestContext, *, uuid: str, length: int | None) -> str:
        cell, found = self._cells.find(context, uuid)
        lifecycle.check(Action.GET_CONSOLE_OUTPUT, found.snapshot(), is_admin=context.is_admin)
        client = self._host_of(cell, found)
        text: str = client.get_console_output(context, instance=found, length=length)
        return text

    def get_diagnostics(self, context: RequestContext, *, uuid: str) -> Diagnostics:
        cell, found = self._cells.find(context, uuid)
        lifecycle.check(Action.GET_DIAGNOSTICS, found.snapshot(), is_admin=context.is_admin)
        client = self._host_of(cell, found)
        seen: Diagnostics = client.get_diagnostics(context, instance=found)
        return seen

    def get_ssh_address(self, context: RequestContext, *, uuid: str) -> SshAddress:
        cell, found = self._cells.find(context, uuid)
        seen: SshAddress = self._host_of(cell, found).get_ssh_address(context, instance=found)
        return seen

    def explain(self, context: RequestContext, *, uuid: str) -> Explanation:
        cell, found = self._cells.find(context, uuid, deleted=None)
        with self._deps.databases.read_cell(cell) as tx:
            data = faults.latest_data(tx, uuid)
        if data is None:
            raise errors.NotFound(f"No placement of instance {uuid} has failed.")
        verdicts = data.get("verdicts", []) if context.is_admin else []
        return msgspec.convert(
            {
                "instance_uuid": found.uuid,
                "summary": data.get("reason", ""),
                "checks": data.get("checks", []),
                "counts": data.get("counts", {}),
                "considered": data.get("considered", 0),
                "verdicts": verdicts,
            },
            Explanation,
        )

    def list_host_instances(self, context: RequestContext, *, host: str) -> list[Instance]:
        cell = self._cells.of_host(host)
        if cell is None:
            return []
        with self._deps.databases.read_cell(cell) as tx:
            return instances.of_host(tx, host)
