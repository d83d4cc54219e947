# SPDX-License-Identifier: Apache-2.0
"""The reconciler: compares what is written in different places about the same servers.

Mappings, rows, quota, allocations, sums of the nodes, runs of flows, and what every compute host
says about its guests and disks. Findings are data. A server with a run under way is left out:
it is between two states. What is found once may be in motion; found twice it is wrong.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, Final

import msgspec

from nova_lite.base import clock
from nova_lite.base.context import service_context
from nova_lite.conductor import requota
from nova_lite.conductor.deps import Deps
from nova_lite.conductor.network.servers import LocalNetwork
from nova_lite.conductor.recovering import Recoverer
from nova_lite.db.api import allocations, cells, instance_mappings, quotas
from nova_lite.db.api.instance_mappings import InstanceMapping
from nova_lite.db.cell import flow_runs, instances
from nova_lite.db.cell.instances import Brief
from nova_lite.db.engine import Tx
from nova_lite.domain import errors
from nova_lite.domain.cell import Cell
from nova_lite.domain.host import GuestSeen
from nova_lite.domain.states import Action, VmState

LOG = logging.getLogger(__name__)

YOUNG: Final = timedelta(seconds=10)  # what is younger may still be being written
STALE: Final = timedelta(seconds=60)  # a run without living owner for longer than that
MANY: Final = 1000
RECENT: Final = 2000  # mappings that the quick look compares
GUEST_TIMEOUT: Final = 30.0  # seconds that a host may take to list its guests
# Servers in these states have a guest on their host.
WITH_GUEST: Final = frozenset(
    {VmState.ACTIVE, VmState.PAUSED, VmState.SUSPENDED, VmState.STOPPED, VmState.RESCUED}
)


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """`subject`: the uuid of a server, a project, a node or a host. `cell`: uuid."""

    kind: str
    subject: str
    text: str
    cell: str | None = None
    host: str | None = None
    repairable: bool = True

    @property
    def key(self) -> tuple[str, str]:
        return (self.kind, self.subject)


class World(msgspec.Struct, kw_only=True):
    """What the databases say about servers, read once."""

    mappings: dict[str, InstanceMapping]
    rows: dict[str, Brief]
    cell_of: dict[str, Cell]
    running: dict[str, str]
    young: Any

    def settled(self, uuid: str) -> bool:
        """No flow works on it, and it was not changed a moment ago."""
        row = self.rows.get(uuid)
        return uuid not in self.running and (row is None or row.updated_at < self.young)


class Auditor:
    """`deletions` begins the deletion of a server again (uuid)."""

    def __init__(self, deps: Deps, recoverer: Recoverer, begin: Callable[..., None]) -> None:
        self._deps = deps
        self._recoverer = recoverer
        self._begin = begin
        self.young = YOUNG
        self.guest_timeout = GUEST_TIMEOUT
        self._repairs: dict[str, Callable[[Finding], None]] = {
            "mapping_without_row": self._forget_mapping,
            "mapping_of_deleted": self._forget_mapping,
            "deletion_unfinished": self._delete_again,
            "busy_without_run": self._recover,
            "allocation_orphan": self._release,
            "quota_drift": self._recount,
            "node_miscount": self._recount_node,
            "run_without_server": self._drop_run,
            "guest_left_behind": self._destroy_guest,
            "port_of_deleted": self._release_ports,
            "address_orphan": self._give_back_addresses,
        }

    # --- looking ------------------------------------------------------------------------------

    def all(self) -> list[Finding]:
        """Databases and hosts."""
        world = self._world()
        return [*self._of_databases(world), *self._of_hosts(world)]

    def databases(self) -> list[Finding]:
        """What can be seen without asking hosts."""
        return list(self._of_databases(self._world()))

    def quick(self) -> list[Finding]:
        """What the death of a process can leave and no flow puts right, without reading all:
        requests that were counted but not written, and servers that nobody works on."""
        young = clock.now() - self.young
        with self._deps.databases.read_api() as api:
            recent = instance_mappings.newest(api, RECENT)
        by_cell: dict[str, list[InstanceMapping]] = defaultdict(list)
        for mapping in recent:
            if mapping.created_at < young:
                by_cell[mapping.cell].append(mapping)
        found = []
        for cell in self._deps.databases.cells():
            wanted = [mapping.instance_uuid for mapping in by_cell[cell.uuid]]
            with self._deps.databases.read_cell(cell) as tx:
                there = instances.existing(tx, wanted)
            found += [_without_row(m) for m in by_cell[cell.uuid] if m.instance_uuid not in there]
            for brief in self._recoverer.without_run(cell):
                if brief.updated_at < young:
                    found.append(_busy(brief, cell))
        return found

    def _world(self) -> World:
        rows: dict[str, Brief] = {}
        cell_of: dict[str, Cell] = {}
        running: dict[str, str] = {}
        with self._deps.databases.read_api() as api:
            mappings = dict(self._all_mappings(api))
        for cell in self._deps.databases.cells():
            with self._deps.databases.read_cell(cell) as tx:
                running |= flow_runs.instances(tx)
                for brief in instances.briefs(tx, deleted=None):
                    rows[brief.uuid] = brief
                    cell_of[brief.uuid] = cell
        return World(
            mappings=mappings,
            rows=rows,
            cell_of=cell_of,
            running=running,
            young=clock.now() - self.young,
        )

    @staticmethod
    def _all_mappings(tx: Tx) -> Iterator[tuple[str, InstanceMapping]]:
        after = None
        while page := instance_mappings.page(tx, after, MANY):
            for mapping in page:
                yield mapping.instance_uuid, mapping
            after = page[-1].instance_uuid

    def _of_databases(self, world: World) -> Iterator[Finding]:
        yield from _mappings(world)
        yield from _rows(world)
        yield from self._runs(world)
        with self._deps.databases.read_api() as tx:
            yield from _allocations(world, allocations.of_nodes(tx))
            for wrong in allocations.miscounts(tx):
                yield Finding(
                    kind="node_miscount",
                    subject=wrong.node_uuid,
                    host=wrong.host,
                    text=f"sums of {wrong.host} (written, counted): {wrong.differences}",
                )
            for project in quotas.projects(tx):
                said, counted = quotas.recount(tx, project)
                if said != counted:
                    yield Finding(
                        kind="quota_drift",
                        subject=project,
                        text=f"usage of project {project} is {said}, its servers are {counted}",
                    )

        yield from self._network(world)

    def _network(self, world: World) -> Iterator[Finding]:
        network = self._deps.network
        if not isinstance(network, LocalNetwork):
            return
        for uuid in sorted(set(network.devices().values())):
            # a device that never was a server is a user's own word
            row = world.rows.get(uuid)
            if row is not None and row.deleted and world.settled(uuid):
                yield Finding(
                    kind="port_of_deleted",
                    subject=uuid,
                    text=f"server {uuid} is deleted, but has ports",
                )
        for owner in network.lost_addresses():
            yield Finding(
                kind="address_orphan",
                subject=owner,
                text=f"addresses are given to {owner}, which does not exist",
            )

    def _runs(self, world: World) -> Iterator[Finding]:
        before = clock.now() - STALE
        for cell in self._deps.databases.cells():
            with self._deps.databases.read_cell(cell) as tx:
                orphans = flow_runs.orphans(tx, before, MANY)
                all_runs = flow_runs.instances(tx)
            for uuid in all_runs.keys() - world.rows.keys():
                yield Finding(
                    kind="run_without_server",
                    subject=uuid,
                    cell=cell.uuid,
                    text=f"a {all_runs[uuid]} runs for {uuid}, which does not exist",
                )
            for run in orphans:
                yield Finding(
                    kind="run_without_owner",
                    subject=run.instance_uuid,
                    cell=cell.uuid,
                    repairable=False,
                    text=f"the {run.flow} of {run.instance_uuid} stands at {run.step}: "
                    "its owner is dead and nobody took it over",
                )

    def _of_hosts(self, world: World) -> Iterator[Finding]:
        hosts = {row.host for row in world.rows.values() if row.host and not row.deleted}
        with self._deps.databases.read_api() as tx:
            hosts |= set(cells.list_hosts(tx))
        for host in sorted(hosts):
            client = self._deps.clients.compute(host).options(timeout=self.guest_timeout)
            try:
                guests = client.list_guests(service_context())
            except errors.NovaLiteError as error:
                yield Finding(
                    kind="host_silent",
                    subject=host,
                    host=host,
                    repairable=False,
                    text=f"{host} did not list its guests: {error.message}",
                )
                continue
            yield from _guests(world, host, guests)

    # --- repairing ----------------------------------------------------------------------------

    def repair(self, finding: Finding) -> None:
        """Put one thing right. Each repair looks again before it writes."""
        self._repairs[finding.kind](finding)

    def _forget_mapping(self, finding: Finding) -> None:
        def write(tx: Tx) -> None:
            requota.give_back(tx, finding.subject)
            allocations.release(tx, finding.subject)

        mapping, cell = self._mapping_and_cell(finding.subject)
        with self._deps.databases.read_cell(cell) as tx:
            if instances.briefs(tx, uuids=[mapping.instance_uuid]):
                return
        self._deps.databases.run_api(write, idempotent=True)

    def _mapping_and_cell(self, uuid: str) -> tuple[InstanceMapping, Cell]:
        with self._deps.databases.read_api() as tx:
            mapping = instance_mappings.get(tx, uuid)
        if mapping is None:
            raise errors.InstanceNotFound(instance_id=uuid)
        return mapping, self._deps.databases.get_cell(mapping.cell)

    def _delete_again(self, finding: Finding) -> None:
        self._begin(service_context(), uuid=finding.subject, action=Action.FORCE_DELETE, params={})

    def _recover(self, finding: Finding) -> None:
        cell = self._deps.databases.get_cell(finding.cell or "")
        for brief in self._recoverer.without_run(cell):
            if brief.uuid == finding.subject:
                self._recoverer.recover(cell, brief)

    def _release(self, finding: Finding) -> None:
        self._deps.databases.run_api(
            lambda tx: allocations.release(tx, finding.subject), idempotent=True
        )

    def _recount(self, finding: Finding) -> None:
        self._deps.databases.run_api(lambda tx: quotas.repair(tx, finding.subject))

    def _recount_node(self, finding: Finding) -> None:
        self._deps.databases.run_api(lambda tx: allocations.repair(tx, finding.subject))

    def _drop_run(self, finding: Finding) -> None:
        def write(tx: Tx) -> None:
            for run in flow_runs.of_instance(tx, finding.subject):
                flow_runs.drop(tx, run.id)

        self._deps.databases.run_cell(finding.cell or "", write, idempotent=True)

    def _release_ports(self, finding: Finding) -> None:
        self._deps.network.release_ports(service_context(), finding.subject)

    def _give_back_addresses(self, finding: Finding) -> None:
        self._deps.network.give_back_addresses(finding.subject)

    def _destroy_guest(self, finding: Finding) -> None:
        _, cell = self._mapping_and_cell(finding.subject)
        with self._deps.databases.read_cell(cell) as tx:
            found = instances.get(tx, finding.subject, deleted=None)
            if flow_runs.of_instance(tx, finding.subject) or (
                found.host == finding.host and not found.deleted
            ):
                return
        self._deps.clients.compute(finding.host or "").destroy(service_context(), instance=found)


# --- comparing: pure -----------------------------------------------------------------------------


def _without_row(mapping: InstanceMapping) -> Finding:
    uuid = mapping.instance_uuid
    return Finding(
        kind="mapping_without_row",
        subject=uuid,
        text=f"server {uuid} counts in project {mapping.project_id}, but has no row",
    )


def _busy(row: Brief, cell: Cell) -> Finding:
    return Finding(
        kind="busy_without_run",
        subject=row.uuid,
        cell=cell.uuid,
        text=f"server {row.uuid} is {row.task_state}, but nobody works on it",
    )


def _mappings(world: World) -> Iterator[Finding]:
    for uuid, mapping in world.mappings.items():
        row = world.rows.get(uuid)
        if mapping.queued_for_delete or mapping.created_at >= world.young:
            continue
        if not world.settled(uuid):
            continue
        if row is None:
            yield _without_row(mapping)
        elif row.deleted:
            yield Finding(
                kind="mapping_of_deleted",
                subject=uuid,
                text=f"server {uuid} is deleted, but counts in project {mapping.project_id}",
            )


def _rows(world: World) -> Iterator[Finding]:
    for uuid, row in world.rows.items():
        if row.deleted or not world.settled(uuid):
            continue
        mapping = world.mappings.get(uuid)
        if mapping is None:
            yield Finding(
                kind="row_without_mapping",
                subject=uuid,
                repairable=False,
                text=f"server {uuid} is in a cell, but has no mapping: nobody can find it",
            )
        elif mapping.queued_for_delete and row.vm_state != VmState.SOFT_DELETED:
            yield Finding(
                kind="deletion_unfinished",
                subject=uuid,
                text=f"server {uuid} does not count any more, but is {row.vm_state}",
            )
        if row.task_state is not None:
            yield _busy(row, world.cell_of[uuid])


def _allocations(world: World, held: list[allocations.Allocation]) -> Iterator[Finding]:
    holders = {}
    for allocation in held:
        uuid = allocation.consumer_uuid
        holders[uuid] = allocation
        row = world.rows.get(uuid)
        mapping = world.mappings.get(uuid)
        if not world.settled(uuid) or (mapping and mapping.created_at >= world.young):
            continue
        if row is None or row.deleted or row.host is None:
            yield Finding(
                kind="allocation_orphan",
                subject=uuid,
                host=allocation.host,
                text=f"{uuid} holds {allocation.resources} of {allocation.host}, "
                "but no server of this name lives anywhere",
            )
        elif row.host != allocation.host:
            yield Finding(
                kind="allocation_elsewhere",
                subject=uuid,
                host=allocation.host,
                repairable=False,
                text=f"server {uuid} is on {row.host}, but its allocation on {allocation.host}",
            )
    for uuid, row in world.rows.items():
        if row.host and not row.deleted and uuid not in holders and world.settled(uuid):
            yield Finding(
                kind="allocation_missing",
                subject=uuid,
                host=row.host,
                repairable=False,
                text=f"server {uuid} is on {row.host}, but holds nothing of it",
            )


def _guests(world: World, host: str, guests: list[GuestSeen]) -> Iterator[Finding]:
    seen = {guest.uuid for guest in guests if guest.uuid is not None}
    for uuid in sorted(seen):
        row = world.rows.get(uuid)
        if world.settled(uuid) and (row is None or row.deleted or row.host != host):
            yield Finding(
                kind="guest_left_behind",
                subject=uuid,
                host=host,
                repairable=row is not None,
                text=f"{host} has guest or disks of {uuid}, which does not live there",
            )
    for uuid, row in world.rows.items():
        if row.host != host or row.deleted or uuid in seen or not world.settled(uuid):
            continue
        if row.vm_state in WITH_GUEST:
            yield Finding(
                kind="guest_missing",
                subject=uuid,
                host=host,
                repairable=False,
                text=f"server {uuid} is {row.vm_state} on {host}, which has no guest of it",
            )
