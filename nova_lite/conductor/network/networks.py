# SPDX-License-Identifier: Apache-2.0
"""Networks and their subnets: what may be made, changed and taken away."""

import ipaddress
from typing import Final

import msgspec
from msgspec.structs import replace

from nova_lite.conductor.network.change import Change, Values, altered, check_names, make
from nova_lite.db.api import network_rows
from nova_lite.domain import addressing
from nova_lite.domain.errors_network import NetworkConflict, NetworkInvalid
from nova_lite.domain.network import FloatingIp, Network, NetworkMode, Port, Subnet
from nova_lite.domain.network_query import NetworkKind

VXLAN_OVERHEAD: Final = 50  # bytes of a frame
MOST_VNI: Final = (1 << 24) - 1
MOST_VLAN: Final = 4094
SMALLEST_MTU: Final = {4: 68, 6: 1280}

_TEXT: Final = frozenset({"name", "description"})
_CHANGED: Final = _TEXT | {"shared", "external", "admin_state_up", "port_security", "mtu"}
_MADE: Final = _CHANGED | {"mode", "physical_network", "segment", "project_id"}
_SUBNET_CHANGED: Final = _TEXT | {"gateway", "pools", "dns", "routes", "dhcp"}
_SUBNET_MADE: Final = _SUBNET_CHANGED | {"network_id", "cidr", "version", "project_id"}


# --- networks ---------------------------------------------------------------------------------


def create(change: Change, values: Values, new_id: str) -> Network:
    check_names(values, _MADE, "A new network")
    project = change.project(values)
    change.check_quota("network", Network, project)
    mode = values.get("mode") or (
        NetworkMode.FLAT if values.get("external") else change.conf.network.default_mode
    )
    made = make(Network, {**values, "id": new_id, "project_id": project, "mode": mode, "mtu": 0})
    made = _with_segment(change, made)
    room = change.conf.network.mtu - (VXLAN_OVERHEAD if made.mode is NetworkMode.VXLAN else 0)
    made = replace(made, mtu=values.get("mtu") or room)
    if not SMALLEST_MTU[4] <= made.mtu <= room:
        raise NetworkInvalid(f"MTU {made.mtu} is not between {SMALLEST_MTU[4]} and {room}.")
    return network_rows.add(change.tx, made)


def _with_segment(change: Change, made: Network) -> Network:
    """Check what it is on, or choose: nothing else is there."""
    others = [
        each for each in network_rows.find(change.tx, Network)
        if each.mode is made.mode and each.physical_network == made.physical_network
    ]  # fmt: skip
    _check_physical(change, made)
    used = {each.segment for each in others}
    where = f"on physical network {made.physical_network}" if made.physical_network else ""
    if made.mode is NetworkMode.FLAT:
        if made.segment is not None:
            raise NetworkInvalid("A flat network has no segmentation ID.")
        if made.physical_network is None and not made.external:
            raise NetworkInvalid("A flat network needs a physical network.")
        if made.physical_network is not None and others:
            raise NetworkConflict("FlatNetworkInUse", f"There is a flat network {where} already.")
        return made
    if made.mode is NetworkMode.VLAN:
        if made.physical_network is None or made.segment is None:
            raise NetworkInvalid(
                "A VLAN network needs a physical network and a segmentation ID: none are chosen "
                "by themselves."
            )
        if not 1 <= made.segment <= MOST_VLAN:
            raise NetworkInvalid(f"VLAN {made.segment} is not between 1 and {MOST_VLAN}.")
        if made.segment in used:
            raise NetworkConflict("VlanIdInUse", f"VLAN {made.segment} {where} is in use.")
        return made
    if made.physical_network is not None:
        raise NetworkInvalid("A VXLAN network has no physical network.")
    if made.segment is None:
        return replace(made, segment=next(n for n in range(1, MOST_VNI) if n not in used))
    if not 1 <= made.segment <= MOST_VNI:
        raise NetworkInvalid(f"VNI {made.segment} is not between 1 and {MOST_VNI}.")
    if made.segment in used:
        raise NetworkConflict("TunnelIdInUse", f"VNI {made.segment} is in use.")
    return made


def _check_physical(change: Change, made: Network) -> None:
    """Some host has to know it, as far as hosts have said what they know."""
    name, known = made.physical_network, network_rows.physical_networks(change.tx)
    if name is not None and known is not None and name not in known:
        raise NetworkInvalid(
            f"Invalid input for operation: physical_network '{name}' unknown for {made.mode} "
            "provider network."
        )


def update(change: Change, resource_id: str, values: Values) -> Network:
    check_names(values, _CHANGED, "An existing network")
    old = change.own(Network, NetworkKind.NETWORK, resource_id)
    new = altered(old, values)
    if old.shared and not new.shared:
        _check_unshared(change, old)
    if old.external and not new.external and _has_floating(change, old.id):
        raise NetworkConflict(
            "ExternalNetworkInUse", f"External network {old.id} has floating IPs."
        )
    if new.external and not old.external:
        for subnet in network_rows.find(change.tx, Subnet, network_id=old.id):
            _check_outside(change, old.id, ipaddress.ip_network(subnet.cidr))
    if new.mtu != old.mtu:
        room = change.conf.network.mtu - (VXLAN_OVERHEAD if new.mode is NetworkMode.VXLAN else 0)
        if not SMALLEST_MTU[4] <= new.mtu <= room:
            raise NetworkInvalid(f"MTU {new.mtu} is not between {SMALLEST_MTU[4]} and {room}.")
    change.networks.add(old.id)
    if (new.name, new.mtu) != (old.name, old.mtu):
        change.servers |= _servers_on(change, old.id)
    return network_rows.put(change.tx, new)


def _check_unshared(change: Change, network: Network) -> None:
    for port in network_rows.find(change.tx, Port, network_id=network.id):
        if port.project_id != network.project_id:
            raise NetworkConflict(
                "InvalidSharedSetting",
                f"Unable to reconfigure sharing settings for network {network.name or network.id}: "
                "other projects use it.",
            )


def _has_floating(change: Change, network_id: str) -> bool:
    return bool(network_rows.count(change.tx, FloatingIp, network_id=network_id))


def _servers_on(change: Change, network_id: str) -> set[str]:
    found = network_rows.find(change.tx, Port, network_id=network_id)
    return {port.device_id for port in found if port.device_owner.startswith("compute:")}


def delete(change: Change, resource_id: str) -> None:
    """With its subnets."""
    old = change.own(Network, NetworkKind.NETWORK, resource_id)
    if network_rows.count(change.tx, Port, network_id=old.id) or _has_floating(change, old.id):
        raise NetworkConflict(
            "NetworkInUse",
            f"Unable to complete operation on network {old.id}. There are one or more ports or "
            "floating IPs still in use on the network.",
        )
    for subnet in old.subnets:
        network_rows.remove(change.tx, Subnet, subnet)
    network_rows.remove(change.tx, Network, old.id)


# --- subnets ----------------------------------------------------------------------------------


def create_subnet(change: Change, values: Values, new_id: str) -> Subnet:
    check_names(values, _SUBNET_MADE, "A new subnet")
    if not values.get("network_id"):
        raise NetworkInvalid("A subnet needs a network.")
    network = change.own(Network, NetworkKind.NETWORK, str(values["network_id"]))
    project = str(values.get("project_id") or network.project_id)
    change.check_quota("subnet", Subnet, project)
    net = addressing.cidr(str(values.get("cidr", "")))
    if values.get("version", net.version) != net.version:
        raise NetworkInvalid(f"Invalid CIDR {net} given as IPv{values['version']}.")
    gateway = values.get("gateway", addressing.first_host(net))
    values = {**values, "gateway": gateway, "version": net.version, "cidr": str(net)}
    if not values.get("pools"):
        values["pools"] = addressing.default_pools(net, gateway)
    made = make(Subnet, {**_plain(values), "id": new_id, "project_id": project})
    others = network_rows.find(change.tx, Subnet, network_id=network.id)
    addressing.check_apart(net, others)
    if network.external:
        _check_outside(change, network.id, net)
    _check_subnet(made)
    if net.version == 6 and network.mtu < SMALLEST_MTU[6]:
        raise NetworkInvalid(f"IPv6 needs an MTU of {SMALLEST_MTU[6]} at least.")
    change.networks.add(network.id)
    return network_rows.add(change.tx, made)


def _check_outside(change: Change, network_id: str, net: addressing.IPNetwork) -> None:
    """External networks are one space of addresses: a host answers for each of them once."""
    ids = [
        each.id for each in network_rows.find(change.tx, Network, external=True)
        if each.id != network_id
    ]  # fmt: skip
    for other in network_rows.find(change.tx, Subnet, network_id=ids) if ids else []:
        if net.version == other.version and net.overlaps(ipaddress.ip_network(other.cidr)):
            raise NetworkConflict(
                "ExternalSubnetsOverlap",
                f"Subnet {net} of external network {network_id} overlaps with {other.cidr} of "
                f"external network {other.network_id}: external networks share one space of "
                "addresses.",
            )


def _plain(values: Values) -> dict[str, object]:
    plain: dict[str, object] = msgspec.to_builtins(dict(values))
    return plain


def _check_subnet(made: Subnet) -> None:
    net = ipaddress.ip_network(made.cidr)
    if made.gateway is not None:
        addressing.inside(net, made.gateway, "Gateway")
    addressing.check_pools(net, made.pools, made.gateway)
    addressing.check_routes(net, made.routes)
    for server in made.dns:
        addressing.address(server)


def update_subnet(change: Change, resource_id: str, values: Values) -> Subnet:
    check_names(values, _SUBNET_CHANGED, "An existing subnet")
    old = change.own(Subnet, NetworkKind.SUBNET, resource_id)
    new = altered(old, values)
    _check_subnet(new)
    if new.gateway != old.gateway and new.gateway is not None:
        holder = network_rows.holder(change.tx, old.id, new.gateway)
        if holder is not None:
            raise NetworkConflict(
                "IpAddressInUse", f"IP address {new.gateway} is in use by port {holder}."
            )
    change.networks.add(old.network_id)
    change.servers |= _servers_on(change, old.network_id)
    return network_rows.put(change.tx, new)


def delete_subnet(change: Change, resource_id: str) -> None:
    old = change.own(Subnet, NetworkKind.SUBNET, resource_id)
    if network_rows.in_use(change.tx, old.id):
        raise NetworkConflict(
            "SubnetInUse",
            f"Unable to complete operation on subnet {old.id}: One or more ports have an IP "
            "allocation from this subnet.",
        )
    network_rows.remove(change.tx, Subnet, old.id)
    change.networks.add(old.network_id)
