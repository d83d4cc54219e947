# SPDX-License-Identifier: Apache-2.0
"""Creating servers: look up, refuse or write, and let the builds go on behind."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from nova_lite.base import clock, ids
from nova_lite.base.context import RequestContext
from nova_lite.conductor import multi_build
from nova_lite.conductor.begin import action_of, record_of
from nova_lite.conductor.cells import Cells
from nova_lite.conductor.deps import Deps
from nova_lite.conductor.flows.build import BUILD
from nova_lite.conductor.handlers.facts import Lookup
from nova_lite.conductor.run import Run
from nova_lite.conductor.runner import Runner
from nova_lite.conductor.steps import compute
from nova_lite.db.api import groups, instance_mappings, quotas, request_specs
from nova_lite.db.api.instance_mappings import InstanceMapping
from nova_lite.db.cell import actions, flow_runs, instances
from nova_lite.db.engine import Tx
from nova_lite.domain import build, errors, quota
from nova_lite.domain.cell import Cell
from nova_lite.domain.instance import Instance
from nova_lite.domain.request import CreatedServers, CreateServers
from nova_lite.domain.states import Action

SLOW: Final = 5.0  # seconds; half of what the audit lets pass before it misses a row


class CreateHandlers:
    """`create_servers` of the contract."""

    def __init__(self, deps: Deps, cells: Cells, runner: Runner) -> None:
        self._deps = deps
        self._cells = cells
        self._runner = runner
        self._lookup = Lookup(deps)

    def create_servers(self, context: RequestContext, *, request: CreateServers) -> CreatedServers:
        cell = self._cells.home()
        found = self._lookup.facts(context, request, cell)
        build.check(request, found.facts)
        self._deps.network.validate(
            context, request.networks, request.max_count, request.security_groups
        )
        template = build.plan(
            *(request, found.facts),
            project_id=context.project_id or "",
            user_id=context.user_id or "",
            cell=cell.uuid,
        )
        uuids = [ids.new_uuid() for _ in range(request.max_count)]
        servers = build.expand(
            *(template, request, uuids),
            reservation_id=ids.reservation_id(),
            created_at=clock.now(),
            updated_at=clock.now(),
            # told to the services that vendor data is asked of
            system_metadata={"boot_roles": ",".join(context.roles)},
        )
        servers = self._write_intent(context, request, template, servers, found, cell)
        runs = self._write_servers(context, request, template, servers, cell)
        self._runner.submit(runs, prepare=multi_build.begin if len(runs) > 1 else None)
        return CreatedServers(
            reservation_id=servers[0].reservation_id or "",
            uuids=[server.uuid for server in servers],
            auto_disk_config=template.instance.auto_disk_config,
            security_groups=template.instance.security_groups,
        )

    # --- the API database: what is intended, and the quota ------------------------------------

    def _write_intent(
        self,
        context: RequestContext,
        request: CreateServers,
        template: build.Template,
        servers: list[Instance],
        found: Any,
        cell: Cell,
    ) -> list[Instance]:
        """Mappings, specs and quota, all or nothing; fewer servers where fewer fit."""
        try:
            self._intend(context, template, servers, found, cell)
        except errors.OverQuota as refusal:
            fits = self._how_many_fit(context, template, found)
            if not request.min_count <= fits < len(servers):
                raise
            servers = servers[:fits]
            try:
                self._intend(context, template, servers, found, cell)
            except errors.OverQuota:
                raise refusal from None
        return servers

    def _intend(
        self,
        context: RequestContext,
        template: build.Template,
        servers: list[Instance],
        found: Any,
        cell: Cell,
    ) -> None:
        flavor = template.instance.flavor
        mappings = [
            InstanceMapping(
                instance_uuid=server.uuid,
                cell=cell.uuid,
                project_id=server.project_id,
                user_id=server.user_id,
                cores=flavor.vcpus,
                ram=flavor.memory_mb,
                created_at=clock.now(),
            )
            for server in servers
        ]
        group, limits = found.facts.group, found.facts.limits

        def write(tx: Tx) -> None:
            instance_mappings.create(tx, cell, mappings)
            request_specs.create(tx, {server.uuid: template.spec for server in servers})
            if group is not None:
                members = groups.add_members(tx, group.uuid, [s.uuid for s in servers])
                if 0 <= limits.get("server_group_members", quota.UNLIMITED) < members:
                    raise errors.ResourceLimitExceeded(
                        "Quota exceeded, too many servers in group",
                        resource="server_group_members",
                    )
            quotas.consume(
                *(tx, context.project_id or "", amounts(flavor, len(servers)), limits),
                user_id=context.user_id,
                user_limits=found.user_limits,
            )

        self._deps.databases.run_api(write)

    def _how_many_fit(self, context: RequestContext, template: build.Template, found: Any) -> int:
        with self._deps.databases.read_api() as tx:
            used = quotas.usage(tx, context.project_id or "")
        one = amounts(template.instance.flavor, 1)
        return quota.room(one, used, found.facts.limits)

    # --- the cell ------------------------------------------------------------------------------

    def _write_servers(
        self,
        context: RequestContext,
        request: CreateServers,
        template: build.Template,
        servers: list[Instance],
        cell: Cell,
    ) -> list[Run]:
        params = {"networks": msgspec.to_builtins(request.networks)}
        if request.personality:
            params[compute.FILES] = request.personality
        records = [
            record_of(
                *(BUILD, Action.CREATE, server, context),
                owner=self._runner.owner,
                conf=self._deps.conf,
                params=params,
            )
            for server in servers
        ]

        def write(tx: Tx) -> Mapping[str, int]:
            made = instances.insert(tx, servers, self._deps.conf.instance_name_template)
            actions.insert(tx, [action_of(Action.CREATE, s, context) for s in servers])
            flow_runs.insert(tx, records)
            return made

        began = clock.monotonic()
        try:
            numbers = self._deps.databases.run_cell(cell, write)
        except errors.DatabaseUnavailable:
            self._take_back(servers)
            raise
        if clock.monotonic() - began > SLOW:
            self._intend_again(servers)
        name = self._deps.conf.instance_name_template
        secrets = {"spec": template.spec, "admin_pass": request.admin_pass}
        runs = []
        for server, record in zip(servers, records, strict=True):
            self._cells.remember(server.uuid, cell)
            number = numbers[server.uuid]
            known = replace(
                server, id=number, guest_name=instances.guest_name(name, number, server.uuid)
            )
            runs.append(Run(record, BUILD, cell, known, context, self._deps, secrets))
        return runs

    def _intend_again(self, servers: list[Instance]) -> None:
        """The cell was so slow that the servers may have been taken for ones that were never
        written: those that were count again."""

        def write(tx: Tx) -> None:
            for server in servers:
                mapping = instance_mappings.mark_restored(tx, server.uuid)
                if mapping is not None:
                    quotas.consume(tx, mapping.project_id, mapping.amounts, {})

        self._deps.databases.run_api(write)

    def _take_back(self, servers: list[Instance]) -> None:
        """The intent of servers that were not written; else a periodic job finds it."""

        def write(tx: Tx) -> None:
            for server in servers:
                mapping = instance_mappings.mark_deleted(tx, server.uuid)
                if mapping is not None:
                    quotas.release(tx, mapping.project_id, mapping.amounts)

        self._deps.databases.run_api(write)


def amounts(flavor: Any, count: int) -> dict[str, int]:
    """What `count` servers of a flavor take of the quota."""
    return {
        "instances": count,
        "cores": flavor.vcpus * count,
        "ram": flavor.memory_mb * count,
    }
