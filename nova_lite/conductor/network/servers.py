# SPDX-License-Identifier: Apache-2.0
"""`[network] backend = local`: the network port over our own rows.

Ports that are made for a server have ids that follow from its uuid, so that what was half done
before a crash is found again.
"""

import uuid
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from msgspec.structs import replace

from nova_lite.base import ids
from nova_lite.base.context import RequestContext
from nova_lite.conductor.network import groups, networks, ports, vifs
from nova_lite.conductor.network.change import Change, limits
from nova_lite.conductor.network.wake import Wake
from nova_lite.db.api import network_rows
from nova_lite.db.databases import Databases
from nova_lite.db.engine import Tx
from nova_lite.domain import errors
from nova_lite.domain.devices import NetworkWish, Vif
from nova_lite.domain.errors_network import (
    NetworkConflict,
    NetworkResourceNotFound,
)
from nova_lite.domain.instance import Instance
from nova_lite.domain.network import Network, Port, SecurityGroup, Subnet
from nova_lite.rpc.clients import Clients

T = TypeVar("T")
Wishes = str | Sequence[NetworkWish] | None

OWNER: Final = "compute:nova"
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
            needed = self._check_wishes(change, wishes, count)
            _check_groups(change, project, security_groups)
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
            listed = self._listed(change, wishes, instance.project_id)
            return [
                self._give(change, instance, wish, made_id(instance.uuid, at), security_groups)
                for at, wish in enumerate(listed)
            ]

        return self._run(context, write) if wishes != "none" else []

    def bind(self, context: RequestContext, instance: Instance, host: str) -> list[Vif]:
        def write(change: Change) -> list[Port]:
            mine = _of_server(change.tx, instance)
            return [_bound(change, port, host) for port in mine]

        bound = self._run(context, write) if self._has_ports(instance) else []
        self._ensure(context, host, bound)
        return self._told(instance, bound)

    def wait_active(self, context: RequestContext, instance: Instance, timeout: float) -> bool:
        """`bind` has waited for the host already."""
        return True

    def release(self, context: RequestContext, instance: Instance) -> None:
        def write(change: Change) -> None:
            for port in _of_server(change.tx, instance):
                _released(change, port)

        if self._has_ports(instance):
            self._run(context, write)

    def add(
        self, context: RequestContext, instance: Instance, wish: NetworkWish, new_id: str
    ) -> Vif:
        def write(change: Change) -> tuple[Vif, Port | None]:
            if wish.uuid is None and wish.port is None:
                choice = self._listed(change, None, instance.project_id)
                if not choice:
                    raise errors.NetworkNotFound("There is no network to choose.", network_id="")
                asked = replace(choice[0], tag=wish.tag, fixed_ip=wish.fixed_ip)
            else:
                asked = wish
            self._check_wishes(change, [asked], 1, instance)
            vif = self._give(change, instance, asked, new_id, instance.security_groups)
            if instance.host is None:
                return vif, None
            port = network_rows.get(change.tx, Port, vif.port_id)
            port = _bound(change, port, instance.host)
            (bound,) = vifs.of_ports(change.tx, [port])
            return vifs.merged(vif, bound), port

        vif, port = self._run(context, write)
        if port is not None:
            self._ensure(context, port.host or "", [port])
        return vif

    def remove(self, context: RequestContext, instance: Instance, port_id: str) -> None:
        def write(change: Change) -> None:
            for port in network_rows.find(change.tx, Port, uuid=port_id, device_id=instance.uuid):
                _released(change, port)

        self._run(context, write)

    def change_group(
        self, context: RequestContext, instance: Instance, name: str, *, member: bool
    ) -> list[str]:
        """Put the ports of a server into a group, or take them out; the names of the groups
        that it is in then. Raises SecurityGroupNotFound, SecurityGroupNotUsable."""

        def write(change: Change) -> list[str]:
            group = _group(change, instance.project_id, name)
            usable = [port for port in _of_server(change.tx, instance) if port.port_security]
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
                _with_group(change, port, group, member=member)
            return vifs.group_names(change.tx, instance.uuid)

        return self._run(context, write)

    def groups_of(self, context: RequestContext, instance: Instance) -> list[SecurityGroup]:
        with self._databases.read_api() as tx:
            wanted = {group for port in _of_server(tx, instance) for group in port.security_groups}
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
                    _released(change, port)

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

    # --- wishes -------------------------------------------------------------------------------

    def _check_wishes(
        self, change: Change, wishes: Wishes, count: int, instance: Instance | None = None
    ) -> int:
        """How many ports have to be made for each server."""
        if wishes == "none":
            return 0
        if not isinstance(wishes, list) or not wishes:
            return self._check_automatic(change, wishes)
        for wish in wishes:
            if wish.port is not None:
                _check_port(change, wish.port, count, instance)
            else:
                _check_network(change, wish, count)
        named = [wish.port for wish in wishes if wish.port is not None]
        if len(set(named)) < len(named):
            raise errors.PortInUse(port_id=named[0])
        return sum(wish.port is None for wish in wishes)

    def _check_automatic(self, change: Change, wishes: Wishes) -> int:
        choice = _choice(change, change.context.project_id or "")
        if len(choice) > 1:
            raise errors.NetworkAmbiguous()
        if not choice and wishes == "auto" and not self._conf.network.project_networks:
            raise errors.NetworkNotFound(
                "Unable to automatically allocate a network for the project: it has none, and "
                "[network] project_networks is off.",
                network_id="auto",
            )
        return 1 if choice or self._conf.network.project_networks else 0

    def _listed(self, change: Change, wishes: Wishes, project: str) -> list[NetworkWish]:
        if isinstance(wishes, list) and wishes:
            return list(wishes)
        choice = _choice(change, project)
        if len(choice) > 1:
            raise errors.NetworkAmbiguous()
        if not choice:
            if not self._conf.network.project_networks:
                return []
            choice = [_make_network(change, project)]
        return [NetworkWish(uuid=choice[0].id)]

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
            port = _take(change, instance, wish.port)
        else:
            known = network_rows.find(change.tx, Port, uuid=new_id)
            port = known[0] if known else _make_port(change, instance, wish, new_id,
                                                     security_groups)  # fmt: skip
        (vif,) = vifs.of_ports(change.tx, [port])
        return replace(vif, tag=wish.tag)

    # --- inside -------------------------------------------------------------------------------

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


# --- checks -----------------------------------------------------------------------------------


def _choice(change: Change, project: str) -> list[Network]:
    """What a project may attach to without naming it: its own and shared ones."""
    found = network_rows.find(
        change.tx, Network, network_rows.visible(Network, project)
    )  # fmt: skip
    return [
        each for each in found
        if not each.external and each.subnets and (each.project_id == project or each.shared)
    ]  # fmt: skip


def _check_port(change: Change, port_id: str, count: int, instance: Instance | None) -> None:
    try:
        port = change.seen(Port, port_id)
    except NetworkResourceNotFound:
        raise errors.PortNotFound(port_id=port_id) from None
    if instance is not None and port.device_id == instance.uuid:
        return
    if port.device_id or count > 1:
        raise errors.PortInUse(port_id=port_id)


def _check_network(change: Change, wish: NetworkWish, count: int) -> None:
    try:
        network = change.seen(Network, wish.uuid or "")
    except NetworkResourceNotFound:
        raise errors.NetworkNotFound(network_id=wish.uuid or "") from None
    if network.external and not network.shared and not change.context.is_admin:
        raise errors.ExternalNetworkForbidden(network_id=network.id)
    if not network.subnets:
        raise errors.Invalid(
            f"Network {network.id} requires a subnet in order to boot instances on."
        )
    if wish.fixed_ip is None:
        return
    if count > 1:
        raise errors.FixedIpInUse(address=wish.fixed_ip)
    for subnet in network_rows.find(change.tx, Subnet, network_id=network.id):
        holder = network_rows.holder(change.tx, subnet.id, wish.fixed_ip)
        if holder is not None:
            raise errors.FixedIpInUse(address=wish.fixed_ip)


def _check_groups(change: Change, project: str, wanted: Sequence[str]) -> None:
    others = [name for name in wanted if name != groups.DEFAULT]
    try:
        groups.named(change, project, others)
    except NetworkResourceNotFound as error:
        raise errors.Invalid(
            f"Security group {error.values['id']} not found for project {project}."
        ) from None
    except NetworkConflict as error:
        raise errors.Invalid(error.message) from None


def _group(change: Change, project: str, name: str) -> SecurityGroup:
    try:
        return groups.named(change, project, [name])[0]
    except NetworkResourceNotFound:
        raise errors.SecurityGroupNotFound(name=name, project_id=project) from None


# --- ports of servers -------------------------------------------------------------------------


def _of_server(tx: Tx, instance: Instance) -> list[Port]:
    return network_rows.find(tx, Port, device_id=instance.uuid)


def _take(change: Change, instance: Instance, port_id: str) -> Port:
    found = network_rows.find(change.tx, Port, uuid=port_id)
    if not found:
        raise errors.PortNotFound(port_id=port_id)
    port = found[0]
    if port.project_id != instance.project_id and not change.context.is_admin:
        raise errors.PortNotFound(port_id=port_id)
    if port.device_id not in ("", instance.uuid):
        raise errors.PortInUse(port_id=port_id)
    if port.device_id == instance.uuid:
        return port
    taken = replace(
        port, device_id=instance.uuid, device_owner=OWNER, hostname=instance.hostname or ""
    )
    change.networks.add(port.network_id)
    return network_rows.put(change.tx, taken)


def _make_port(
    change: Change,
    instance: Instance,
    wish: NetworkWish,
    new_id: str,
    security_groups: Sequence[str],
) -> Port:
    try:
        network = change.seen(Network, wish.uuid or "")
    except NetworkResourceNotFound:
        raise errors.NetworkNotFound(network_id=wish.uuid or "") from None
    wanted = list(security_groups) or [groups.DEFAULT]
    members = groups.named(change, instance.project_id, wanted) if network.port_security else []
    values = {
        "network_id": network.id,
        "project_id": instance.project_id,
        "device_id": instance.uuid,
        "device_owner": OWNER,
        "security_groups": [group.id for group in members],
        "addresses": [{"address": wish.fixed_ip}] if wish.fixed_ip else None,
    }
    hostname = instance.hostname or ""
    return ports.create(change, values, new_id, hostname=hostname, preexisting=False)


def _bound(change: Change, port: Port, host: str) -> Port:
    if port.host == host:
        return port
    change.networks.add(port.network_id)
    return network_rows.put(change.tx, replace(port, host=host, status="DOWN"))


def _released(change: Change, port: Port) -> None:
    if not port.preexisting:
        ports.remove(change, port)
        return
    change.networks.add(port.network_id)
    freed = replace(port, device_id="", device_owner="", host=None, status="DOWN", hostname="")
    network_rows.put(change.tx, freed)


def _with_group(change: Change, port: Port, group: SecurityGroup, *, member: bool) -> None:
    if (group.id in port.security_groups) is member:
        return
    members = [each for each in port.security_groups if each != group.id]
    members += [group.id] if member else []
    network_rows.set_groups(change.tx, port.id, members)
    network_rows.put(change.tx, replace(port, security_groups=members))
    change.networks.add(port.network_id)


def _make_network(change: Change, project: str) -> Network:
    """The network of a project that has none."""
    name = change.conf.network.project_network_name
    values = {"name": name, "project_id": project}
    made = networks.create(change, values, ids.new_uuid())
    subnet = {
        "network_id": made.id,
        "name": name,
        "cidr": change.conf.network.project_network_cidr,
        "project_id": project,
        "dns": list(change.conf.network.project_network_dns),
    }
    networks.create_subnet(change, subnet, ids.new_uuid())
    return network_rows.get(change.tx, Network, made.id)
