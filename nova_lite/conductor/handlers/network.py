# SPDX-License-Identifier: Apache-2.0
"""The built-in network as its users and its hosts see it."""

import logging
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import msgspec
from msgspec.structs import replace

from nova_lite.base import ids
from nova_lite.base.context import RequestContext
from nova_lite.conductor.cells import Cells
from nova_lite.conductor.deps import Deps
from nova_lite.conductor.network import (
    floating,
    groups,
    hosts,
    listing,
    networks,
    ports,
    usage,
    vifs,
)
from nova_lite.conductor.network.change import Change, Values
from nova_lite.conductor.network.servers import LocalNetwork
from nova_lite.conductor.network.wake import Wake
from nova_lite.db.api import network_rows
from nova_lite.db.cell import instances
from nova_lite.db.engine import Tx
from nova_lite.domain import errors, lifecycle
from nova_lite.domain.devices import Vif
from nova_lite.domain.errors_network import NetworkInvalid
from nova_lite.domain.instance import InstancePatch
from nova_lite.domain.network import HostNetworks, Port, SecurityGroup
from nova_lite.domain.network_query import NetworkKind, NetworkQuery, Resource
from nova_lite.domain.states import Action
from nova_lite.rpc.contract import RawJson

LOG = logging.getLogger(__name__)


def _no_update(change: Change, resource_id: str, values: Values) -> Resource:
    raise NetworkInvalid("A security group rule cannot be changed; make another one.")


class _Verbs(NamedTuple):
    create: Callable[[Change, Values, str], Resource]
    update: Callable[[Change, str, Values], Resource]
    delete: Callable[[Change, str], None]


_VERBS: Final[dict[NetworkKind, _Verbs]] = {
    NetworkKind.NETWORK: _Verbs(networks.create, networks.update, networks.delete),
    NetworkKind.SUBNET: _Verbs(
        networks.create_subnet, networks.update_subnet, networks.delete_subnet
    ),
    NetworkKind.PORT: _Verbs(ports.create, ports.update, ports.delete),
    NetworkKind.FLOATING_IP: _Verbs(floating.create, floating.update, floating.delete),
    NetworkKind.SECURITY_GROUP: _Verbs(groups.create, groups.update, groups.delete),
    NetworkKind.SECURITY_GROUP_RULE: _Verbs(groups.create_rule, _no_update, groups.delete_rule),
}


class NetworkHandlers:
    def __init__(self, deps: Deps, cells: Cells) -> None:
        self._deps = deps
        self._databases = deps.databases
        self._cells = cells
        self._wake = Wake(deps.databases, deps.clients)

    # --- resources ----------------------------------------------------------------------------

    def list_network_resources(self, context: RequestContext, *, query: NetworkQuery) -> RawJson:
        if query.kind is NetworkKind.SECURITY_GROUP and context.project_id:
            self._make_default_group(context)
        with self._databases.read_api() as tx:
            found = listing.page(Change(tx, context, self._deps.conf), query)
        return RawJson(msgspec.json.encode(found))

    def create_network_resource(
        self, context: RequestContext, *, kind: NetworkKind, values: dict[str, Any]
    ) -> RawJson:
        new_id = ids.new_uuid()
        return self._change(context, lambda change: _VERBS[kind].create(change, values, new_id))

    def update_network_resource(
        self,
        context: RequestContext,
        *,
        kind: NetworkKind,
        resource_id: str,
        values: dict[str, Any],
    ) -> RawJson:
        return self._change(
            context, lambda change: _VERBS[kind].update(change, resource_id, values)
        )

    def delete_network_resource(
        self, context: RequestContext, *, kind: NetworkKind, resource_id: str
    ) -> None:
        self._change(context, lambda change: _VERBS[kind].delete(change, resource_id))

    def network_quota(self, context: RequestContext) -> dict[str, dict[str, int]]:
        project = context.project_id or ""
        with self._databases.read_api() as tx:
            items = usage.of_project(tx, self._deps.conf, project)
        return {name: {"limit": item.limit, "used": item.in_use} for name, item in items.items()}

    # --- servers ------------------------------------------------------------------------------

    def change_security_group(
        self, context: RequestContext, *, uuid: str, name: str, member: bool
    ) -> None:
        cell, instance = self._cells.find(context, uuid)
        action = Action.ADD_SECURITY_GROUP if member else Action.REMOVE_SECURITY_GROUP
        lifecycle.check(action, instance.snapshot(), is_admin=context.is_admin)
        local = self._local()
        if local is None:
            raise errors.SecurityGroupNotFound(
                f"Security group {name} not found: this cloud's network has none.",
                name=name,
                project_id=instance.project_id,
            )
        names = local.change_group(context, instance, name, member=member)
        self._databases.run_cell(
            cell,
            lambda tx: instances.patch(tx, [uuid], InstancePatch(security_groups=names)),
            idempotent=True,
        )

    def list_server_security_groups(
        self, context: RequestContext, *, uuid: str
    ) -> list[SecurityGroup]:
        _, instance = self._cells.find(context, uuid)
        local = self._local()
        return local.groups_of(context, instance) if local is not None else []

    def _local(self) -> LocalNetwork | None:
        """The built-in network, where it is the one that is used."""
        network = self._deps.network
        return network if isinstance(network, LocalNetwork) else None

    # --- hosts --------------------------------------------------------------------------------

    def get_host_networks(
        self, context: RequestContext, *, host: str, since: int | None = None,
        tunnel_address: str = "", physical_networks: list[str] | None = None,
    ) -> HostNetworks | None:  # fmt: skip
        names = None if physical_networks is None else tuple(sorted(physical_networks))
        said = network_rows.HostSaid(tunnel_address, names)
        with self._databases.read_api() as tx:
            known = network_rows.host(tx, host)
        if known is None or known != said._replace(
            physical_networks=known.physical_networks if names is None else names
        ):
            self._keep_host(host, said)
        with self._databases.read_api() as tx:
            return hosts.host_networks(tx, host, since)

    def _keep_host(self, host: str, said: network_rows.HostSaid) -> None:
        def write(tx: Tx) -> set[str]:
            network_rows.lock(tx)
            network_rows.keep_host(tx, host, said)
            return {port.network_id for port in network_rows.find(tx, Port, host=host)}

        self._wake.hosts(self._databases.run_api(write, idempotent=True))

    def network_ports_up(self, context: RequestContext, *, host: str, port_ids: list[str]) -> None:
        def write(tx: Tx) -> None:
            network_rows.hold(tx)
            for port in network_rows.find(tx, Port, uuid=port_ids, host=host):
                if port.status != "ACTIVE":
                    network_rows.put(tx, replace(port, status="ACTIVE"))

        self._databases.run_api(write, idempotent=True)

    # --- inside -------------------------------------------------------------------------------

    def _change(self, context: RequestContext, fn: Callable[[Change], Resource | None]) -> RawJson:
        def write(tx: Tx) -> tuple[Resource | None, Change]:
            network_rows.lock(tx)
            change = Change(tx, context, self._deps.conf)
            return fn(change), change

        made, change = self._databases.run_api(write)
        self._wake.hosts(change.networks)
        for server in sorted(change.servers):
            self._tell(server)
        return RawJson(msgspec.json.encode(made))

    def _make_default_group(self, context: RequestContext) -> None:
        project = context.project_id or ""
        with self._databases.read_api() as tx:
            there = network_rows.default_group(tx, project)
        if there is None:
            self._change(context, lambda change: groups.default_group(change, project))

    def _tell(self, server: str) -> None:
        """Write what has changed into the server's own row."""
        try:
            cell = self._cells.of(server)
            with self._databases.read_api() as tx:
                found = vifs.of_ports(tx, network_rows.find(tx, Port, device_id=server))
                names = vifs.group_names(tx, server)
            now = {vif.port_id: vif for vif in found}

            def change(old: list[Vif]) -> list[Vif]:
                return [vifs.merged(vif, now.get(vif.port_id, vif)) for vif in old]

            def write(tx: Tx) -> None:
                instances.change_vifs(tx, server, change)
                instances.patch(tx, [server], InstancePatch(security_groups=names))

            self._databases.run_cell(cell, write, idempotent=True)
        except errors.InstanceNotFound:
            LOG.debug("Server %s is gone; nobody has to know of its addresses", server)
