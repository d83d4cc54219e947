# SPDX-License-Identifier: Apache-2.0
"""addFixedIp, removeFixedIp: addresses of the ports that a server has. They ended with 2.44."""

import ipaddress
from typing import Any, Final

from nova_lite.api import network_rows, shapes
from nova_lite.api.request import Request
from nova_lite.domain import errors
from nova_lite.domain.errors_network import NetworkConflict
from nova_lite.domain.instance import Instance
from nova_lite.domain.network import Port, PortAddress
from nova_lite.domain.network_query import NetworkKind, NetworkQuery

_SERVERS: Final = "compute:"
_ADDRESS: Final = {"type": "string", "anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]}

ADD: Final = shapes.body("addFixedIp", {"networkId": {"type": ["string", "number"]}}, "networkId")
REMOVE: Final = shapes.body("removeFixedIp", {"address": _ADDRESS}, "address")


def add(request: Request, clients: Any, target: Instance, body: dict[str, Any]) -> None:
    """One more address on the port that the server has on a network."""
    network = str(body["addFixedIp"]["networkId"])
    _check_lock(request, target)
    ports = [port for port in _ports(request, clients, target) if port.network_id == network]
    if not ports:
        raise errors.NotFound(f"Network could not be found for instance {target.uuid}.")
    try:
        _put(request, clients, ports[0], [*map(_wish, ports[0].addresses), {}])
    except NetworkConflict as error:
        if error.values["type"] != "IpAddressGenerationFailure":
            raise
        raise errors.NoMoreFixedIps(error.message, network_id=network) from error


def remove(request: Request, clients: Any, target: Instance, body: dict[str, Any]) -> None:
    """An address less; the port stays."""
    _check_lock(request, target)
    address = str(ipaddress.ip_address(body["removeFixedIp"]["address"]))
    for port in _ports(request, clients, target):
        kept = [each for each in port.addresses if each.address != address]
        if len(kept) < len(port.addresses):
            _put(request, clients, port, [_wish(each) for each in kept])
            return
    raise errors.Invalid(f"Fixed IP {address} not found for instance {target.uuid}.")


def _check_lock(request: Request, server: Instance) -> None:
    if server.locked_by and not request.context.is_admin:
        raise errors.InstanceIsLocked(instance_id=server.uuid)


def _ports(request: Request, clients: Any, server: Instance) -> list[Port]:
    query = NetworkQuery(kind=NetworkKind.PORT, filters={"device_id": [server.uuid]})
    found: list[Port] = network_rows.find(clients.conductor, request.context, query)
    return [port for port in found if port.device_owner.startswith(_SERVERS)]


def _wish(address: PortAddress) -> dict[str, str]:
    return {"subnet_id": address.subnet_id, "address": address.address}


def _put(request: Request, clients: Any, port: Port, wishes: list[dict[str, str]]) -> None:
    network_rows.update(
        clients.conductor, request.context, NetworkKind.PORT, port.id, {"addresses": wishes}
    )
