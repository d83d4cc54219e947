# SPDX-License-Identifier: Apache-2.0
"""Host aggregates. By them a host is in at most one availability zone, which does not change
under the servers that are on it."""

from collections.abc import Callable

import msgspec

from nova_lite.base import ids
from nova_lite.base.context import RequestContext
from nova_lite.conductor.deps import Deps
from nova_lite.conductor.host_cells import HostCells
from nova_lite.db.api import aggregates, providers
from nova_lite.db.cell import instances
from nova_lite.db.engine import Tx
from nova_lite.domain import errors
from nova_lite.domain.aggregate import ZONE_KEY, Aggregate, find, with_metadata, zones

Change = Callable[[Aggregate], Aggregate]


class AggregateHandlers:
    def __init__(self, deps: Deps, hosts: HostCells) -> None:
        self._databases = deps.databases
        self._hosts = hosts
        self._default: str = deps.conf.default_availability_zone

    def list_aggregates(self, context: RequestContext) -> list[Aggregate]:
        with self._databases.read_api() as tx:
            return aggregates.list_aggregates(tx)

    def create_aggregate(
        self, context: RequestContext, *, name: str, zone: str | None = None
    ) -> Aggregate:
        metadata = {ZONE_KEY: zone} if zone else {}
        made = Aggregate(id=0, uuid=ids.new_uuid(), name=name, metadata=metadata)

        def write(tx: Tx) -> Aggregate:
            number = aggregates.create(tx, made)
            return find(aggregates.list_aggregates(tx), number)

        return self._databases.run_api(write)

    def update_aggregate(
        self,
        context: RequestContext,
        *,
        aggregate_id: int,
        name: str | None = None,
        metadata: dict[str, str | None] | None = None,
    ) -> Aggregate:
        def change(old: Aggregate) -> Aggregate:
            renamed = msgspec.structs.replace(old, name=old.name if name is None else name)
            return with_metadata(renamed, metadata or {})

        return self._change(aggregate_id, "update", change)

    def add_aggregate_host(
        self, context: RequestContext, *, aggregate_id: int, host: str
    ) -> Aggregate:
        if self._hosts.find(host) is None:
            raise errors.ComputeHostNotFound(host=host)

        def change(old: Aggregate) -> Aggregate:
            if host in old.hosts:
                raise errors.AggregateHostExists(aggregate_id=aggregate_id, host=host)
            return msgspec.structs.replace(old, hosts=[*old.hosts, host])

        return self._change(aggregate_id, "add a host to", change)

    def remove_aggregate_host(
        self, context: RequestContext, *, aggregate_id: int, host: str
    ) -> Aggregate:
        def change(old: Aggregate) -> Aggregate:
            if host not in old.hosts:
                raise errors.AggregateHostNotFound(aggregate_id=aggregate_id, host=host)
            return msgspec.structs.replace(old, hosts=[h for h in old.hosts if h != host])

        return self._change(aggregate_id, "remove a host from", change)

    def delete_aggregate(self, context: RequestContext, *, aggregate_id: int) -> None:
        def write(tx: Tx) -> None:
            aggregates.lock(tx)
            if find(aggregates.list_aggregates(tx), aggregate_id).hosts:
                raise errors.InvalidAggregateAction(
                    action="delete", aggregate_id=aggregate_id, reason="it is not empty"
                )
            aggregates.delete(tx, aggregate_id)

        self._databases.run_api(write)

    # --- inside ---------------------------------------------------------------------------

    def _change(self, number: int, action: str, change: Change) -> Aggregate:
        def refuse(reason: str) -> errors.InvalidAggregateAction:
            return errors.InvalidAggregateAction(action=action, aggregate_id=number, reason=reason)

        with self._databases.read_api() as tx:
            moved = _moved(aggregates.list_aggregates(tx), number, change, self._default)
        for host in moved:
            if self._has_servers(host):
                raise refuse(f"host {host} has servers, its availability zone cannot change")

        def write(tx: Tx) -> Aggregate:
            aggregates.lock(tx)
            before = aggregates.list_aggregates(tx)
            old = find(before, number)
            new = change(old)
            after = [new if one.id == number else one for one in before]
            for host, names in zones(after).items():
                if len(names) > 1:
                    raise refuse(f"host {host} would be in {' and '.join(sorted(names))}")
            aggregates.update(tx, old, new)
            providers.touch(tx, {*old.hosts, *new.hosts})
            return find(aggregates.list_aggregates(tx), number)

        return self._databases.run_api(write)

    def _has_servers(self, host: str) -> bool:
        cell = self._hosts.find(host)
        if cell is None:
            return False
        with self._databases.read_cell(cell) as tx:
            return bool(instances.of_host(tx, host))


def _moved(before: list[Aggregate], number: int, change: Change, default: str) -> list[str]:
    """Hosts whose zone would be another one. `default`: of those that no aggregate gives one."""
    new = change(find(before, number))
    old_zones = zones(before)
    new_zones = zones(new if one.id == number else one for one in before)
    return sorted(
        host
        for host in {*old_zones, *new_zones}
        if (old_zones.get(host) or {default}) != (new_zones.get(host) or {default})
    )
