# SPDX-License-Identifier: Apache-2.0
"""`[network] backend = local`: the network port over our own rows.

Ports that are made for a server have ids that follow from its uuid, so that what was half done
before a crash is found again.
"""

import uuid
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from msgspec.structs import replace

from nova_lite.base.context import RequestContext
from nova_lite.conductor.network import attached, choice, ports, vifs
from nova_lite.conductor.network.change import Change, limits
from nova_lite.conductor.network.wake import Wake
from nova_lite.db.api import network_rows
from nova_lite.db.databases import Databases
from nova_lite.db.engine import Tx
from nova_lite.domain import errors
from nova_lite.domain.devices import NetworkWish, Vif
from nova_lite.domain.errors_network import (
    NetworkConflict,
)
from nova_lite.domain.instance import Instance
from nova_lite.domain.network import Port, SecurityGroup
from nova_lite.rpc.clients import Clients

T = TypeVar("T")

_SPACE: Final = uuid.UUID("0d0f3a52-6b0f-4d0a-8f0e-6f2d4f4c3a01")


class LocalNetwork:
    """The network port. `connect` comes before everything else."""

    def __init__(self, conf: Any) -> None:
        self._conf = conf
        self._databases: Databases
        self._wake: Wake

    def connect(self, databases: Databases, clients: Clients) -> None:
        self._databases = databases
        self._wake = Wake(databases, clients)

    # --- the port -----------------------------------------------------------------------------

    def validate(
        self,
        context: RequestContext,
        wishes: str | list[NetworkWish] | None,
        count: int,
        security_groups: Sequence[str] = (),
    ) -> None:
        project = context.project_id or ""
        with self._databases.read_api() as tx:
            change = Change(tx, context, self._conf)
            needed = choice.check(change, wishes, count)
            choice.check_groups(change, project, security_groups)
            limit = limits(self._conf)["port"]
            used = network_rows.count(tx, Port, project_id=project)
            if needed and 0 <= limit < used + needed * count:
                raise errors.ResourceLimitExceeded(
                    "Quota exceeded, too many ports.", resource="ports"
                )

    def allocate(
        self,
        context: RequestContext,
        instance: Instance,
        wishes: str | list[NetworkWish] | None,
        security_groups: list[str],
    ) -> list[Vif]:
        def write(change: Change) -> list[Vif]:
            listed = choice.listed(change, wishes, instance.project_id)
            return [
                self._give(change, instance, wish, made_id(instance.uuid, at), security_groups)
                for at, wish in enumerate(listed)
            ]

        return self._run(context, write) if wishes != "none" else []

    def bind(self, context: RequestContext, instance: Instance, host: str) -> list[Vif]:
        def write(change: Change) -> list[Port]:
            mine = attached.of_server(change.tx, instance)
            return [attached.bound(change, port, host) for port in mine]

        bound = self._run(context, write) if self._has_ports(instance) else []
        self._ensure(context, host, bound)
        return self._told(instance, bound)

    def unbind(self, context: RequestContext, instance: Instance) -> None:
        def write(change: Change) -> None:
            for port in attached.of_server(change.tx, instance):
                attached.unbound(change, port)

        if self._has_ports(instance):
            self._run(context, write)

    def wait_active(self, context: RequestContext, instance: Instance, timeout: float) -> bool:
        """`bind` has waited for the host already."""
        return True

    def release(self, context: RequestContext, instance: Instance) -> None:
        def write(change: Change) -> None:
            for port in attached.of_server(change.tx, instance):
                attached.released(change, port)

        if self._has_ports(instance):
            self._run(context, write)

    def add(
        self, context: RequestContext, instance: Instance, wish: NetworkWish, new_id: str
    ) -> Vif:
        def write(change: Change) -> tuple[Vif, Port | None]:
            if wish.uuid is None and wish.port is None:
                listed = choice.listed(change, None, instance.project_id)
                if not listed:
                    raise errors.NetworkNotFound("There is no network to choose.", network_id="")
                asked = replace(listed[0], tag=wish.tag, fixed_ip=wish.fixed_ip)
            else:
                asked = wish
            choice.check(change, [asked], 1, instance)
            vif = self._give(change, instance, asked, new_id, instance.security_groups)
            if instance.host is None:
                return vif, None
            port = network_rows.get(change.tx, Port, vif.port_id)
            port = attached.bound(change, port, instance.host)
            (bound,) = vifs.of_ports(change.tx, [port])
            return vifs.merged(vif, bound), port

        vif, port = self._run(context, write)
        if port is not None:
            self._ensure(context, port.host or "", [port])
        return vif

    def remove(self, context: RequestContext, instance: Instance, port_id: str) -> None:
        def write(change: Change) -> None:
            for port in network_rows.find(change.tx, Port, uuid=port_id, device_id=instance.uuid):
                attached.released(change, port)

        self._run(context, write)

    def change_group(
        self, context: RequestContext, instance: Instance, name: str, *, member: bool
    ) -> list[str]:
        """Put the ports of a server into a group, or take them out; the names of the groups
        that it is in then. Raises SecurityGroupNotFound, SecurityGroupNotUsable."""

        def write(change: Change) -> list[str]:
            group = choice.group(change, instance.project_id, name)
            usable = [
                port for port in attached.of_server(change.tx, instance) if port.port_security
            ]
            if not usable:
                raise errors.SecurityGroupNotUsable(
                    name=name, instance_id=instance.uuid, reason="it has no interface for that"
                )
            there = [port for port in usable if group.id in port.security_groups]
            if not there and not member:
                raise errors.SecurityGroupNotFound(
                    f"Security group {name} is not associated with instance {instance.uuid}.",
                    name=name,
                    project_id=instance.project_id,
                )
            for port in usable:
                attached.with_group(change, port, group, member=member)
            return vifs.group_names(change.tx, instance.uuid)

        return self._run(context, write)

    def groups_of(self, context: RequestContext, instance: Instance) -> list[SecurityGroup]:
        with self._databases.read_api() as tx:
            wanted = {
                group for port in attached.of_server(tx, instance) for group in port.security_groups
            }
            return network_rows.find(tx, SecurityGroup, uuid=sorted(wanted)) if wanted else []

    # --- what leaked --------------------------------------------------------------------------

    def devices(self) -> dict[str, str]:
        """Id of a port -> the server (or what else) that uses it."""
        with self._databases.read_api() as tx:
            return network_rows.devices(tx)

    def release_ports(self, context: RequestContext, device_id: str) -> None:
        """Of a server that is gone."""

        def write(change: Change) -> None:
            for port in network_rows.find(change.tx, Port, device_id=device_id):
                if port.device_owner.startswith(ports.COMPUTE):
                    attached.released(change, port)

        self._run(context, write)

    def lost_addresses(self) -> list[str]:
        """Ids of ports that are gone, but hold addresses."""
        with self._databases.read_api() as tx:
            return network_rows.lost_addresses(tx)

    def give_back_addresses(self, owner_id: str) -> None:
        def write(tx: Tx) -> None:
            network_rows.lock(tx)
            if owner_id in network_rows.lost_addresses(tx):
                network_rows.give_back(tx, owner_id)

        self._databases.run_api(write, idempotent=True)

    # --- inside -------------------------------------------------------------------------------

    def _give(
        self,
        change: Change,
        instance: Instance,
        wish: NetworkWish,
        new_id: str,
        security_groups: Sequence[str],
    ) -> Vif:
        """A port of the server: found again, taken, or made."""
        if wish.port is not None:
            port = attached.take(change, instance, wish.port)
        else:
            known = network_rows.find(change.tx, Port, uuid=new_id)
            port = known[0] if known else attached.make(change, instance, wish, new_id,
                                                     security_groups)  # fmt: skip
        (vif,) = vifs.of_ports(change.tx, [port])
        return replace(vif, tag=wish.tag)

    def _run(self, context: RequestContext, fn: Callable[[Change], T]) -> T:
        """fn in a transaction that nobody else is in; then whoever is concerned is told. What a
        server is refused has the words of servers."""

        def write(tx: Tx) -> tuple[T, Change]:
            network_rows.lock(tx)
            change = Change(tx, context, self._conf)
            return fn(change), change

        try:
            result, change = self._databases.run_api(write, idempotent=True)
        except NetworkConflict as error:
            raise _for_servers(error) from error
        self._wake.hosts(change.networks)
        return result

    def _has_ports(self, instance: Instance) -> bool:
        """Those without do not keep others waiting, nor make hosts look."""
        with self._databases.read_api() as tx:
            return bool(network_rows.count(tx, Port, device_id=instance.uuid))

    def _ensure(self, context: RequestContext, host: str, bound: Sequence[Port]) -> None:
        if bound and self._conf.network.wait_for_host:
            self._wake.ensure(
                context, host, sorted({p.network_id for p in bound}), [p.id for p in bound]
            )

    def _told(self, instance: Instance, bound: Sequence[Port]) -> list[Vif]:
        """In the order of the server's interfaces, with what only they know."""
        with self._databases.read_api() as tx:
            found = {vif.port_id: vif for vif in vifs.of_ports(tx, bound)}
        known = [vifs.merged(vif, found[vif.port_id]) for vif in instance.vifs
                 if vif.port_id in found]  # fmt: skip
        others = {vif.port_id for vif in instance.vifs}
        return [*known, *(vif for port_id, vif in found.items() if port_id not in others)]


def made_id(instance_uuid: str, at: int) -> str:
    """The id of the port that is made for the wish at this place."""
    return str(uuid.uuid5(_SPACE, f"{instance_uuid}/{at}"))


def _for_servers(error: NetworkConflict) -> errors.NovaLiteError:
    kind = error.values["type"]
    if kind in ("IpAddressInUse", "MacAddressInUse") and "address" in error.values:
        return errors.FixedIpInUse(address=error.values["address"])
    if kind == "IpAddressGenerationFailure":
        return errors.NoMoreFixedIps(error.message, network_id=error.values.get("network_id", ""))
    if kind == "OverQuota":
        return errors.ResourceLimitExceeded(error.message, resource=error.values["resource"])
    return error
