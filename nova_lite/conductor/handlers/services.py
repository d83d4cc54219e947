# SPDX-License-Identifier: Apache-2.0
"""Services: heartbeats, switching hosts off and on, availability zones."""

import datetime as dt
from typing import Any

from msgspec.structs import replace

from nova_lite.base import ids
from nova_lite.base.context import RequestContext
from nova_lite.conductor import cell_admin
from nova_lite.conductor.deps import Deps
from nova_lite.conductor.gather import from_cells
from nova_lite.conductor.host_cells import HostCells
from nova_lite.db.api import aggregates, providers
from nova_lite.db.cell import compute_nodes, services
from nova_lite.db.cell.services import COMPUTE
from nova_lite.db.engine import Tx
from nova_lite.domain import errors
from nova_lite.domain.cell import Cell
from nova_lite.domain.host import AvailabilityZone, Service


class ServiceHandlers:
    def __init__(self, deps: Deps, host_cells: HostCells | None = None) -> None:
        self._deps = deps
        self._conf = deps.conf
        self._databases = deps.databases
        self._cells = host_cells or HostCells(deps)

    def alive_since(self) -> dt.datetime:
        """A heartbeat older than this counts as none."""
        now: dt.datetime = self._deps.clock.now()
        return now - dt.timedelta(seconds=self._conf.service_down_time)

    # --- heartbeats -------------------------------------------------------------------------

    def report_service(
        self,
        context: RequestContext,
        *,
        binary: str,
        host: str,
        topic: str,
        version: int,
        wire_level: int,
    ) -> Service:
        """One UPDATE and one SELECT by key. The zone of a compute host is not looked up here."""
        cell = self._cells.home(host) if binary == COMPUTE else self._cells.of_services()
        values: dict[str, Any] = {
            "host": host,
            "binary": binary,
            "topic": topic,
            "version": version,
            "wire_level": wire_level,
        }
        with self._databases.cell_database(cell).statement() as tx:
            known = services.beat(tx, **values)
        if not known:
            disabled = binary == COMPUTE and not self._conf.enable_new_services
            new = Service(uuid=ids.new_uuid(), disabled=disabled, **values)
            self._databases.run_cell(cell, lambda tx: _register(tx, new, values), idempotent=True)
        with self._databases.read_cell(cell) as tx:
            found = services.find(tx, host, binary, self.alive_since())
        if found is None:
            raise errors.ServiceNotFound(service_id=f"{binary} on {host}")
        return self._placed(found, {})

    # --- reading ----------------------------------------------------------------------------

    def list_services(
        self, context: RequestContext, *, host: str | None = None, binary: str | None = None
    ) -> list[Service]:
        since = self.alive_since()
        found = from_cells(
            self._databases,
            self._databases.cells(),
            lambda tx: services.list_services(tx, since, host=host, binary=binary),
        )
        everything = [service for _, part in found for service in part]
        with self._databases.read_api() as tx:
            zones = aggregates.zones(tx, None if host is None else [host])
        return [self._placed(service, zones) for service in everything]

    def _placed(self, service: Service, zones: dict[str, str]) -> Service:
        if service.binary != COMPUTE:
            zone = self._conf.internal_service_availability_zone
        else:
            zone = zones.get(service.host, self._conf.default_availability_zone)
        return replace(service, zone=zone)

    def list_availability_zones(
        self, context: RequestContext, *, detail: bool = False
    ) -> list[AvailabilityZone]:
        """A zone is available while one of its services is not disabled."""
        found = self.list_services(context, binary=None if detail else COMPUTE)
        by_zone: dict[str, list[Service]] = {}
        for service in found:
            by_zone.setdefault(service.zone, []).append(service)
        zones = []
        for name in sorted(by_zone):
            hosts: dict[str, dict[str, Service]] = {}
            for service in by_zone[name]:
                if not service.disabled:
                    hosts.setdefault(service.host, {})[service.binary] = service
            zones.append(
                AvailabilityZone(
                    name=name, available=bool(hosts), hosts=hosts if detail and hosts else None
                )
            )
        return zones

    # --- changing ---------------------------------------------------------------------------

    def _find(self, uuid: str) -> tuple[Cell, Service]:
        """Raises ServiceNotFound."""
        since = self.alive_since()
        for cell in self._databases.cells():
            try:
                with self._databases.read_cell(cell) as tx:
                    return cell, services.get(tx, uuid, since)
            except errors.ServiceNotFound:
                continue
        raise errors.ServiceNotFound(service_id=uuid)

    def update_service(
        self,
        context: RequestContext,
        *,
        uuid: str,
        disabled: bool | None = None,
        disabled_reason: str | None = None,
        forced_down: bool | None = None,
    ) -> Service:
        cell, _ = self._find(uuid)
        values: dict[str, Any] = {}
        if disabled is not None:
            values["disabled"] = disabled
        if disabled is False:
            values["disabled_reason"] = None
        elif disabled_reason is not None:
            values["disabled_reason"] = disabled_reason
        if forced_down is not None:
            values["forced_down"] = forced_down
        since = self.alive_since()

        def write(tx: Tx) -> Service:
            services.update(tx, uuid, **values)
            return services.get(tx, uuid, since)

        changed = self._databases.run_cell(cell, write, idempotent=True)
        if changed.binary == COMPUTE:
            self._tell_schedulers(changed)
        with self._databases.read_api() as tx:
            zones = aggregates.zones(tx, [changed.host])
        return self._placed(changed, zones)

    def _tell_schedulers(self, service: Service) -> None:
        self._databases.run_api(
            lambda tx: providers.set_service(
                tx,
                service.host,
                up=service.up,
                disabled=service.disabled,
                disabled_reason=service.disabled_reason,
            ),
            idempotent=True,
        )

    def delete_service(self, context: RequestContext, *, uuid: str) -> None:
        """With a compute service go its nodes, its mapping and its place in aggregates."""
        cell, service = self._find(uuid)
        if service.binary == COMPUTE:
            with self._databases.read_cell(cell) as tx:
                busy = len(compute_nodes.servers_on(tx, [service.host]))
            if busy:
                raise errors.ServiceBusy(reason=f"Host {service.host} has {busy} servers.")
            cell_admin.unmap_host(self._databases, service.host)
            self._cells.forget(service.host)

        def write(tx: Tx) -> None:
            services.delete(tx, uuid)
            if service.binary == COMPUTE:
                compute_nodes.delete(tx, service.host)

        self._databases.run_cell(cell, write)


def _register(tx: Tx, new: Service, heartbeat: dict[str, Any]) -> None:
    services.create(tx, new)
    services.beat(tx, **heartbeat)
