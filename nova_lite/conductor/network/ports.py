# SPDX-License-Identifier: Apache-2.0
"""Ports: a MAC address and addresses, exactly once each."""

import ipaddress
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec.structs import replace

from nova_lite.conductor.network import groups
from nova_lite.conductor.network.change import Change, Values, altered, check_names, make
from nova_lite.db.api import instance_mappings, network_rows
from nova_lite.domain import addressing
from nova_lite.domain.errors_network import NetworkConflict, NetworkInvalid
from nova_lite.domain.network import FloatingIp, Network, Port, PortAddress, SecurityGroup, Subnet
from nova_lite.domain.network_query import NetworkKind

COMPUTE: Final = "compute:"
MOST_ADDRESSES: Final = 5
MOST_PAIRS: Final = 10
_CHANGED: Final = frozenset(
    {"name", "description", "admin_state_up", "device_id", "device_owner", "host", "port_security"}
    | {"security_groups", "pairs", "addresses", "mac"}
)
_MADE: Final = _CHANGED | {"network_id", "project_id"}
_MAC: Final = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")


def create(
    change: Change, values: Values, new_id: str, *, hostname: str = "", preexisting: bool = True
) -> Port:
    """`preexisting` false: made for a server, and gone with it."""
    check_names(values, _MADE, "A new port")
    if not values.get("network_id"):
        raise NetworkInvalid("A port needs a network.")
    network = change.seen(Network, str(values["network_id"]))
    project = change.project(values)
    _check_device(change, values.get("device_id"))
    change.check_quota("port", Port, project)
    wishes = values.get("addresses")
    security = values.get("port_security", network.port_security)
    plain = {name: value for name, value in values.items() if name != "addresses"}
    plain["mac"] = _mac(change, network.id, values.get("mac"), new_id)
    plain["port_security"] = security
    if values.get("security_groups") is None:
        default = [groups.default_group(change, project).id] if security else []
        plain["security_groups"] = default
    fixed = {"id": new_id, "project_id": project}
    made = make(Port, {**plain, **fixed, "hostname": hostname, "preexisting": preexisting})
    _check_security(change, made)
    chosen = addresses(change, network, new_id, wishes)
    return add(change, replace(made, addresses=chosen))


def add(change: Change, port: Port) -> Port:
    """Write a new port whose addresses have been taken."""
    network_rows.set_groups(change.tx, port.id, port.security_groups)
    change.networks.add(port.network_id)
    return network_rows.add(change.tx, port)


def _check_device(change: Change, device_id: Any) -> None:
    """A port is no way into a server of somebody else."""
    if not device_id or change.context.is_admin:
        return
    server = instance_mappings.get(change.tx, str(device_id))
    if server is not None and server.project_id != change.context.project_id:
        raise NetworkInvalid(f"A port cannot be given to device {device_id}.")


def _mac(change: Change, network_id: str, wanted: Any, seed: str) -> str:
    if wanted is None:
        mac = addressing.mac_of(seed)
        tries = 0
        while network_rows.find(change.tx, Port, network_id=network_id, mac=mac):
            tries += 1
            mac = addressing.mac_of(f"{seed}/{tries}")
        return mac
    mac = str(wanted).lower()
    if not _MAC.fullmatch(mac) or int(mac[:2], 16) & 1 or mac == "00:00:00:00:00:00":
        raise NetworkInvalid(f"'{wanted}' is not a valid MAC address of one interface.")
    if network_rows.find(change.tx, Port, network_id=network_id, mac=mac):
        raise NetworkConflict(
            "MacAddressInUse", f"MAC address {mac} is in use on network {network_id}."
        )
    return mac


def _check_security(change: Change, port: Port) -> None:
    if not port.port_security:
        if port.security_groups or port.pairs:
            raise NetworkConflict(
                "PortSecurityAndIPRequiredForSecurityGroups",
                "Port security must be enabled for security groups and allowed address pairs.",
            )
        return
    for group in port.security_groups:
        change.seen(SecurityGroup, group)
    if len(port.pairs) > MOST_PAIRS:
        raise NetworkInvalid(f"A port has at most {MOST_PAIRS} allowed address pairs.")
    for pair in port.pairs:
        try:
            ipaddress.ip_network(pair.address, strict=False)
        except ValueError:
            raise NetworkInvalid(f"'{pair.address}' is not a valid IP address.") from None
        if pair.mac is not None and not _MAC.fullmatch(pair.mac.lower()):
            raise NetworkInvalid(f"'{pair.mac}' is not a valid MAC address.")


# --- addresses --------------------------------------------------------------------------------


def addresses(
    change: Change, network: Network, owner_id: str, wishes: Sequence[Mapping[str, Any]] | None
) -> list[PortAddress]:
    """Take what is wished, or one address of each IP version that the network has. [] wishes
    none. Raises NetworkInvalid, NetworkConflict IpAddressInUse, IpAddressGenerationFailure."""
    subnets = network_rows.find(change.tx, Subnet, network_id=network.id)
    if wishes is None:
        return [
            _any(change, network, [subnet for subnet in subnets if subnet.version == version],
                 owner_id)
            for version in sorted({subnet.version for subnet in subnets})
        ]  # fmt: skip
    if len(wishes) > MOST_ADDRESSES:
        raise NetworkInvalid(f"A port has at most {MOST_ADDRESSES} addresses.")
    return [_wished(change, network, subnets, wish, owner_id) for wish in wishes]


def _wished(
    change: Change, network: Network, subnets: list[Subnet], wish: Mapping[str, Any], owner: str
) -> PortAddress:
    subnet_id, address = wish.get("subnet_id"), wish.get("address")
    if subnet_id is not None:
        subnets = [subnet for subnet in subnets if subnet.id == subnet_id]
        if not subnets:
            raise NetworkInvalid(
                f"Subnet {subnet_id} is not of network {network.id}.", "InvalidIpForSubnet"
            )
    if address is None:
        return _any(change, network, subnets, owner)
    wanted = addressing.address(str(address))
    for subnet in subnets:
        if wanted in ipaddress.ip_network(subnet.cidr):
            text = str(addressing.inside(ipaddress.ip_network(subnet.cidr), str(wanted), "Address"))
            holder = network_rows.holder(change.tx, subnet.id, text)
            if holder is not None or text == subnet.gateway:
                raise NetworkConflict(
                    "IpAddressInUse",
                    f"Unable to complete operation for network {network.id}. The IP address "
                    f"{text} is in use.",
                    address=text,
                )
            network_rows.take(change.tx, subnet.id, text, owner)
            return PortAddress(subnet_id=subnet.id, address=text)
    raise NetworkInvalid(
        f"IP address {wanted} is not a valid IP for any of the subnets on the specified network.",
        "InvalidIpForNetwork",
    )


def _any(change: Change, network: Network, subnets: list[Subnet], owner: str) -> PortAddress:
    for subnet in subnets:
        used = network_rows.taken(change.tx, subnet.id)
        found = addressing.choose(subnet, owner, used.__contains__)
        if found is not None:
            network_rows.take(change.tx, subnet.id, found, owner)
            return PortAddress(subnet_id=subnet.id, address=found)
    raise NetworkConflict(
        "IpAddressGenerationFailure",
        f"No more IP addresses available on network {network.id}.",
        network_id=network.id,
    )


# --- changing, removing -----------------------------------------------------------------------


def update(change: Change, resource_id: str, values: Values) -> Port:
    check_names(values, _CHANGED, "An existing port")
    old = change.own(Port, NetworkKind.PORT, resource_id)
    plain = {name: value for name, value in values.items() if name != "addresses"}
    if plain.get("device_id") != old.device_id:
        _check_device(change, plain.get("device_id"))
    if plain.get("mac") not in (None, old.mac):
        if old.host is not None:
            raise NetworkConflict(
                "PortBound", f"Unable to complete operation on port {old.id}: it is bound."
            )
        plain["mac"] = _mac(change, old.network_id, plain["mac"], old.id)
    if plain.get("security_groups", 0) is None:
        plain["security_groups"] = []
    new = altered(old, plain)
    _check_owner(old, new)
    _check_security(change, new)
    wishes = values.get("addresses")
    if wishes is not None:
        new = replace(new, addresses=_moved(change, old, wishes))
    if new.security_groups != old.security_groups:
        network_rows.set_groups(change.tx, old.id, new.security_groups)
    change.networks.add(old.network_id)
    if old.device_owner.startswith(COMPUTE):
        change.servers.add(old.device_id)
    return network_rows.put(change.tx, new)


def _check_owner(old: Port, new: Port) -> None:
    """A server's port is taken from it by the server's own calls alone."""
    of_server = old.device_owner.startswith(COMPUTE) and old.device_id
    changed = (new.device_id, new.device_owner, new.host) != (
        old.device_id, old.device_owner, old.host
    )  # fmt: skip
    if of_server and changed:
        raise NetworkConflict(
            "PortInUse",
            f"Port {old.id} is used by server {old.device_id}. Remove it from the server, or "
            "delete the server.",
        )


def _moved(change: Change, old: Port, wishes: Sequence[Mapping[str, Any]]) -> list[PortAddress]:
    """Keep what is wished again, give back the rest, take what is new. A wish that names no
    address is for one more than those that are named, as Neutron has it."""
    if len(wishes) > MOST_ADDRESSES:
        raise NetworkInvalid(f"A port has at most {MOST_ADDRESSES} addresses.")
    free, fresh = list(old.addresses), []
    for wish in sorted(map(_plain, wishes), key=lambda wish: wish.get("address") is None):
        match = next((each for each in free if _fits(each, wish)), None)
        if match is None:
            fresh.append(wish)
        else:
            free.remove(match)
    kept = [each for each in old.addresses if each not in free]
    for each in old.addresses:
        if each in free:
            network_rows.give_back(change.tx, old.id, each.subnet_id, each.address)
            _drop_floating(change, old.id, each.address)
    network = network_rows.get(change.tx, Network, old.network_id)
    return [*kept, *addresses(change, network, old.id, fresh)]


def _plain(wish: Mapping[str, Any]) -> Mapping[str, Any]:
    """With its address as we write it."""
    if wish.get("address") is None:
        return wish
    return {**wish, "address": str(addressing.address(str(wish["address"])))}


def _fits(address: PortAddress, wish: Mapping[str, Any]) -> bool:
    return (
        wish.get("address") in (None, address.address)
        and wish.get("subnet_id") in (None, address.subnet_id)
    )  # fmt: skip


def _drop_floating(change: Change, port_id: str, address: str | None = None) -> None:
    """The floating addresses of a port, or of one of its addresses, are free again."""
    for floating in network_rows.find(change.tx, FloatingIp, port_id=port_id):
        if address in (None, floating.fixed_address):
            free = replace(floating, port_id=None, fixed_address=None, status="DOWN")
            network_rows.put(change.tx, free)


def delete(change: Change, resource_id: str) -> None:
    old = change.own(Port, NetworkKind.PORT, resource_id)
    if old.device_owner.startswith(COMPUTE) and old.device_id:
        raise NetworkConflict(
            "ServicePortInUse",
            f"Port {old.id} cannot be deleted directly via the port API: server {old.device_id} "
            "uses it. Remove it from the server, or delete the server.",
        )
    remove(change, old)


def remove(change: Change, port: Port) -> None:
    """With its addresses; floating ones are free again."""
    _drop_floating(change, port.id)
    network_rows.give_back(change.tx, port.id)
    network_rows.set_groups(change.tx, port.id, ())
    network_rows.remove(change.tx, Port, port.id)
    change.networks.add(port.network_id)
