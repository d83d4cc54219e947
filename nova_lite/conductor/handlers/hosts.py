# SPDX-License-Identifier: Apache-2.0
"""Compute nodes: what they report, what operators and schedulers see of them."""

from collections.abc import Mapping
from typing import Final

import msgspec

from nova_lite.base import concurrency
from nova_lite.base.context import RequestContext
from nova_lite.conductor.deps import Deps
from nova_lite.conductor.gather import from_cells
from nova_lite.conductor.handlers.services import ServiceHandlers
from nova_lite.conductor.host_cells import HostCells
from nova_lite.db.api import aggregates, providers
from nova_lite.db.api.providers import NotPlain
from nova_lite.db.cell import compute_nodes, instances, services
from nova_lite.db.cell.services import COMPUTE
from nova_lite.db.engine import Tx
from nova_lite.domain import errors
from nova_lite.domain.cell import Cell
from nova_lite.domain.host import (
    ComputeNode,
    HostDelta,
    NodeReport,
    ServerOnHost,
    Service,
)

LIVENESS_INTERVAL: Final = 1.0  # seconds between comparisons of heartbeats with what hosts show
_encode = msgspec.json.Encoder(order="deterministic").encode


class HostHandlers:
    def __init__(self, deps: Deps, host_cells: HostCells | None = None) -> None:
        self._deps = deps
        self._conf = deps.conf
        self._databases = deps.databases
        self._cells = host_cells or HostCells(deps)
        self._services = ServiceHandlers(deps, self._cells)
        self._lock = concurrency.Lock()
        self._compared_at: float | None = None

    # --- reports ----------------------------------------------------------------------------

    def report_node(self, context: RequestContext, *, host: str, report: NodeReport) -> None:
        """A report that says nothing new is one query. The API database is written only when
        schedulers have to know, and first: the digest in the cell means that all is done."""
        cell = self._cells.home(host)
        with self._databases.read_cell(cell) as tx:
            known = compute_nodes.known(tx, report.node_uuid)
        current = known is not None and known.host == host and not known.deleted
        text = _encode(report)
        if known and current and known.digest == compute_nodes.digest(text):
            return
        if known and not known.deleted and known.host != host:
            self._check_moved(cell, report, known.host)
        facts = providers.Facts.of(report)
        facts_text = _encode(facts)
        facts_digest = compute_nodes.digest(facts_text)
        if not (known and current and known.facts_digest == facts_digest):
            self._write_provider(cell, host, report, facts, facts_text.decode())
        self._databases.run_cell(
            cell,
            lambda tx: compute_nodes.report(
                tx, host=host, node=report, text=text, facts_digest=facts_digest
            ),
            idempotent=True,
        )

    def _check_moved(self, cell: Cell, report: NodeReport, before: str) -> None:
        """Raises Conflict when two living hosts claim one identity."""
        with self._databases.read_cell(cell) as tx:
            other = services.find(tx, before, COMPUTE, self._services.alive_since())
        if other is not None and other.up:
            raise errors.Conflict(
                f"Node {report.node_uuid} is the identity of host {before}, which is up."
            )

    def _write_provider(
        self, cell: Cell, host: str, report: NodeReport, facts: providers.Facts, text: str
    ) -> None:
        with self._databases.read_cell(cell) as tx:
            service = services.find(tx, host, COMPUTE, self._services.alive_since())

        def write(tx: Tx) -> None:
            self._cells.map(tx, host, cell)
            providers.report(tx, host=host, cell=cell.uuid, node=report, facts=facts, text=text)
            if service is not None:
                providers.set_service(
                    tx,
                    host,
                    up=service.up,
                    disabled=service.disabled,
                    disabled_reason=service.disabled_reason,
                )

        self._databases.run_api(write, idempotent=True)

    # --- for operators ----------------------------------------------------------------------

    def list_compute_nodes(
        self,
        context: RequestContext,
        *,
        hostname_pattern: str | None = None,
        uuid: str | None = None,
        with_servers: bool = False,
        limit: int | None = None,
        marker: str | None = None,
    ) -> list[ComputeNode]:
        """A node whose compute service has not reported yet, or was deleted, is left out.

        `marker` is the uuid of a node or its id. Raises MarkerNotFound."""
        cells = self._databases.cells()
        ids = from_cells(
            self._databases,
            cells,
            lambda tx: compute_nodes.list_ids(tx, name_part=hostname_pattern, uuid=uuid),
        )
        wanted = [(cell, number, node) for cell, part in ids for number, node in part]
        if marker is not None:
            places = [p for p, (_, n, node) in enumerate(wanted) if marker in (node, str(n))]
            if not places:
                raise errors.MarkerNotFound(marker=marker)
            wanted = wanted[places[0] + 1 :]
        found: list[ComputeNode] = []
        for cell in cells:
            part = [node for of, _, node in wanted[:limit] if of.uuid == cell.uuid]
            if part:
                found += self._nodes_of(cell, part, with_servers)
        with self._databases.read_api() as tx:
            usages = providers.usages(tx, [node.uuid for node in found])
        return [_with_usage(node, *usages.get(node.uuid, ({}, 0))) for node in found]

    def _nodes_of(self, cell: Cell, uuids: list[str], with_servers: bool) -> list[ComputeNode]:
        with self._databases.read_cell(cell) as tx:
            nodes = compute_nodes.list_nodes(tx, uuids)
            on_host = self._compute_services(tx, [node.host for node in nodes])
            servers = self._servers(tx, list(on_host)) if with_servers else {}
        return [
            ComputeNode(
                uuid=node.uuid,
                host=node.host,
                report=node.report,
                service=on_host[node.host],
                id=node.id,
                servers=servers.get(node.host, []),
            )
            for node in nodes
            if node.host in on_host
        ]

    def _compute_services(self, tx: Tx, hosts: list[str]) -> dict[str, Service]:
        one = hosts[0] if len(set(hosts)) == 1 else None
        found = services.list_services(tx, self._services.alive_since(), host=one, binary=COMPUTE)
        return {service.host: service for service in found}

    def _servers(self, tx: Tx, hosts: list[str]) -> dict[str, list[ServerOnHost]]:
        found: dict[str, list[ServerOnHost]] = {}
        template = self._conf.instance_name_template
        for host, number, uuid in compute_nodes.servers_on(tx, hosts):
            name = instances.guest_name(template, number, uuid)
            found.setdefault(host, []).append(ServerOnHost(uuid=uuid, name=name))
        return found

    # --- for schedulers ---------------------------------------------------------------------

    def list_hosts(self, context: RequestContext, *, since: int = 0) -> HostDelta:
        """With nothing new: one query, and once a second two more for the heartbeats."""
        self._compare_heartbeats()
        with self._databases.read_api() as tx:
            changed = providers.changed_since(tx, since)
            if changed.hosts:
                names = None if changed.full else [host.host for host in changed.hosts]
                metadata = aggregates.of_hosts(tx, names)
                for host in changed.hosts:
                    host.aggregates = metadata.get(host.host, [])
                    host.zone = aggregates.zone(
                        host.aggregates, self._conf.default_availability_zone
                    )
        return HostDelta(
            generation=changed.generation,
            hosts=changed.hosts,
            removed=changed.removed,
            full=changed.full,
        )

    def _compare_heartbeats(self) -> None:
        """Hosts go down by doing nothing: whoever asks for hosts makes that a change of the row.

        It also puts right what a conductor that died half-way left behind."""
        with self._lock:
            now = self._deps.clock.monotonic()
            if self._compared_at is not None and now - self._compared_at < LIVENESS_INTERVAL:
                return
            self._compared_at = now
        since = self._services.alive_since()
        seen = from_cells(
            self._databases,
            self._databases.compute_cells(),
            lambda tx: services.not_plain(tx, since),
        )
        actual = {service.host: _state(service) for _, part in seen for service in part}
        answered = {cell.uuid for cell, _ in seen}
        with self._databases.read_api() as tx:
            shown = providers.not_plain(tx)
        different: dict[str, NotPlain] = {}
        for host in actual.keys() | shown.keys():
            state = actual.get(host, _PLAIN)
            known = host in actual or self._answers(host, answered)
            if known and state != shown.get(host, _PLAIN):
                different[host] = state
        if different:
            self._databases.run_api(lambda tx: _show(tx, different), idempotent=True)

    def _answers(self, host: str, answered: set[str]) -> bool:
        cell = self._cells.find(host)
        return cell is not None and cell.uuid in answered


_PLAIN: Final = NotPlain(up=True, disabled=False)


def _show(tx: Tx, states: Mapping[str, NotPlain]) -> None:
    for host, state in sorted(states.items()):
        providers.set_service(
            tx,
            host,
            up=state.up,
            disabled=state.disabled,
            disabled_reason=state.disabled_reason,
        )


def _state(service: Service) -> NotPlain:
    return NotPlain(
        up=service.up, disabled=service.disabled, disabled_reason=service.disabled_reason
    )


def _with_usage(node: ComputeNode, used: dict[str, int], count: int) -> ComputeNode:
    return msgspec.structs.replace(node, used=used, instances=count)
