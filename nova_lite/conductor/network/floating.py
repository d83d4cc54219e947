# SPDX-License-Identifier: Apache-2.0
"""Floating addresses: of an external network, translated by the host of a guest's port."""

from typing import Any, Final

from msgspec.structs import replace

from nova_lite.conductor.network import ports
from nova_lite.conductor.network.change import Change, Values, altered, check_names, make
from nova_lite.db.api import network_rows
from nova_lite.domain.errors_network import NetworkConflict, NetworkInvalid
from nova_lite.domain.network import FloatingIp, Network, Port, Subnet
from nova_lite.domain.network_query import NetworkKind

_CHANGED: Final = frozenset({"port_id", "fixed_address", "description"})
_MADE: Final = _CHANGED | {"network_id", "address", "subnet_id", "project_id"}


def create(change: Change, values: Values, new_id: str) -> FloatingIp:
    check_names(values, _MADE, "A new floating IP")
    if not values.get("network_id"):
        raise NetworkInvalid("A floating IP needs an external network.")
    network = change.seen(Network, str(values["network_id"]))
    if not network.external:
        raise NetworkInvalid(f"Network {network.id} is not a valid external network.", "BadRequest")
    project = change.project(values)
    change.check_quota("floatingip", FloatingIp, project)
    wish = {name: values.get(name) for name in ("subnet_id", "address") if values.get(name)}
    (address, *_) = _addresses(change, network, new_id, wish)
    made = make(
        FloatingIp,
        {
            "id": new_id,
            "project_id": project,
            "network_id": network.id,
            "address": address.address,
            "description": values.get("description") or "",
        },
    )
    if values.get("port_id"):
        made = _associated(change, made, str(values["port_id"]), values.get("fixed_address"))
    return network_rows.add(change.tx, made)


def _addresses(
    change: Change, network: Network, owner: str, wish: dict[str, Any]
) -> list[ports.PortAddress]:
    """One of version 4."""
    if wish:
        return ports.addresses(change, network, owner, [wish])
    last: NetworkConflict | None = None
    for subnet in network_rows.find(change.tx, Subnet, network_id=network.id):
        if subnet.version == 4:
            try:
                return ports.addresses(change, network, owner, [{"subnet_id": subnet.id}])
            except NetworkConflict as error:
                last = error
    raise last or NetworkInvalid(
        f"Network {network.id} does not contain any IPv4 subnet.", "BadRequest"
    )


def _associated(
    change: Change, floating: FloatingIp, port_id: str, fixed_address: Any
) -> FloatingIp:
    port = change.own(Port, NetworkKind.PORT, port_id)
    candidates = [each.address for each in port.addresses if "." in each.address]
    if fixed_address is not None:
        if fixed_address not in candidates:
            raise NetworkInvalid(
                f"Port {port.id} does not have fixed ip {fixed_address}.", "BadRequest"
            )
        candidates = [str(fixed_address)]
    if not candidates:
        raise NetworkInvalid(
            f"Cannot add floating IP to port {port.id} that has no fixed IPv4 addresses.",
            "BadRequest",
        )
    if len(candidates) > 1:
        raise NetworkInvalid(
            f"Port {port.id} has multiple fixed IPv4 addresses. Must provide a specific IPv4 "
            "address when assigning a floating IP.",
            "BadRequest",
        )
    for other in network_rows.find(change.tx, FloatingIp, port_id=port.id):
        if other.fixed_address == candidates[0] and other.id != floating.id:
            raise NetworkConflict(
                "FloatingIPPortAlreadyAssociated",
                f"Cannot associate floating IP {floating.address} ({floating.id}) with port "
                f"{port.id} using fixed IP {candidates[0]}, as that fixed IP already has a "
                "floating IP.",
            )
    if port.network_id == floating.network_id:
        raise NetworkInvalid("The port is on the external network itself.", "BadRequest")
    _touch(change, port)
    status = "ACTIVE" if port.host is not None else "DOWN"
    return replace(floating, port_id=port.id, fixed_address=candidates[0], status=status)


def _touch(change: Change, port: Port) -> None:
    change.networks.add(port.network_id)
    if port.device_owner.startswith(ports.COMPUTE):
        change.servers.add(port.device_id)


def _leave(change: Change, floating: FloatingIp) -> FloatingIp:
    if floating.port_id is not None:
        _touch(change, network_rows.get(change.tx, Port, floating.port_id))
    return replace(floating, port_id=None, fixed_address=None, status="DOWN")


def update(change: Change, resource_id: str, values: Values) -> FloatingIp:
    check_names(values, _CHANGED, "An existing floating IP")
    old = change.own(FloatingIp, NetworkKind.FLOATING_IP, resource_id)
    new = old
    if "description" in values:
        new = altered(new, {"description": values["description"]})
    if "port_id" in values or "fixed_address" in values:
        port = values["port_id"] if "port_id" in values else old.port_id
        if port is None and values.get("fixed_address"):
            raise NetworkInvalid("A fixed IP address needs a port.", "BadRequest")
        new = _leave(change, new)
        if port is not None:
            new = _associated(change, new, str(port), values.get("fixed_address"))
    return network_rows.put(change.tx, new)


def delete(change: Change, resource_id: str) -> None:
    old = change.own(FloatingIp, NetworkKind.FLOATING_IP, resource_id)
    _leave(change, old)
    network_rows.give_back(change.tx, old.id)
    network_rows.remove(change.tx, FloatingIp, old.id)
