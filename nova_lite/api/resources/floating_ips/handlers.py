# SPDX-License-Identifier: Apache-2.0
"""What the calls about floating addresses do."""

import ipaddress
from typing import Any, Final, NamedTuple

from nova_lite.api import network_rows
from nova_lite.api.request import Request
from nova_lite.domain import errors
from nova_lite.domain.errors_network import NetworkConflict
from nova_lite.domain.instance import Instance
from nova_lite.domain.network import FloatingIp, Network, Port
from nova_lite.domain.network_query import NetworkKind, NetworkQuery

_SERVERS: Final = "compute:"


class Placed(NamedTuple):
    """A floating address, the network it is of, and the port it leads to."""

    floating: FloatingIp
    network: Network | None
    port: Port | None

    @property
    def server(self) -> str | None:
        port = self.port
        return port.device_id if port and port.device_owner.startswith(_SERVERS) else None


def pools(request: Request, clients: Any, target: None, body: None) -> list[Network]:
    """GET /os-floating-ip-pools"""
    return _externals(request, clients)


def index(request: Request, clients: Any, target: None, body: None) -> list[Placed]:
    """GET /os-floating-ips"""
    return _placed(request, clients, _find(request, clients))


def show(request: Request, clients: Any, target: None, body: None) -> Placed:
    """GET /os-floating-ips/{id}"""
    found = network_rows.get(
        clients.conductor, request.context, NetworkKind.FLOATING_IP, request.params["id"]
    )
    return _placed(request, clients, [found])[0]


def create(request: Request, clients: Any, target: None, body: Any) -> Placed:
    """POST /os-floating-ips"""
    network_rows.require(request.conf)
    pool = _pool(request, clients, (body or {}).get("pool"))
    try:
        made = network_rows.create(
            clients.conductor,
            request.context,
            NetworkKind.FLOATING_IP,
            {"network_id": pool.id},
        )
    except NetworkConflict as error:
        if error.values.get("type") == "OverQuota":
            raise errors.ResourceLimitExceeded(resource="floating IPs") from error
        raise errors.NotFound(f"No more floating IPs in pool {pool.name or pool.id}.") from error
    return Placed(made, pool, None)


def delete(request: Request, clients: Any, target: None, body: None) -> None:
    """DELETE /os-floating-ips/{id}"""
    network_rows.delete(
        clients.conductor, request.context, NetworkKind.FLOATING_IP, request.params["id"]
    )


def add(request: Request, clients: Any, target: Instance, body: Any) -> None:
    """POST /servers/{id}/action {"addFloatingIp": ...}"""
    given = body["addFloatingIp"]
    floating = _named(request, clients, given["address"])
    port, fixed = _fixed(request, clients, target, given.get("fixed_address"))
    _lead(request, clients, floating, {"port_id": port.id, "fixed_address": fixed})


def remove(request: Request, clients: Any, target: Instance, body: Any) -> None:
    """POST /servers/{id}/action {"removeFloatingIp": ...}"""
    address = body["removeFloatingIp"]["address"]
    floating = _named(request, clients, address)
    (placed,) = _placed(request, clients, [floating])
    if placed.server != target.uuid:
        raise errors.Conflict(
            f"Floating IP {address} is not associated with instance {target.uuid}."
        )
    _lead(request, clients, floating, {"port_id": None})


def _lead(request: Request, clients: Any, floating: FloatingIp, values: dict[str, Any]) -> None:
    network_rows.update(
        clients.conductor, request.context, NetworkKind.FLOATING_IP, floating.id, values
    )


def _find(request: Request, clients: Any, **filters: str) -> list[FloatingIp]:
    """Those of the caller's project."""
    query = NetworkQuery(
        kind=NetworkKind.FLOATING_IP,
        filters={
            "project_id": [request.project_id],
            **{name: [value] for name, value in filters.items()},
        },
    )
    return network_rows.find(clients.conductor, request.context, query)


def _named(request: Request, clients: Any, address: str) -> FloatingIp:
    found = _find(request, clients, address=str(ipaddress.ip_address(address)))
    if not found:
        raise errors.NotFound(f"Floating IP not found for address {address}.")
    return found[0]


def _fixed(
    request: Request, clients: Any, server: Instance, wanted: str | None
) -> tuple[Port, str]:
    """The port of a server that has this address, or else its first IPv4 address."""
    query = NetworkQuery(kind=NetworkKind.PORT, filters={"device_id": [server.uuid]})
    ports = network_rows.find(clients.conductor, request.context, query)
    for port in ports:
        for each in port.addresses:
            if each.address == wanted or (wanted is None and ":" not in each.address):
                return port, each.address
    if wanted is None:
        raise errors.Invalid("No fixed IPs associated to instance")
    raise errors.Invalid("Specified fixed address not assigned to instance")


def _externals(request: Request, clients: Any) -> list[Network]:
    query = NetworkQuery(kind=NetworkKind.NETWORK, filters={"external": ["true"]})
    return network_rows.find(clients.conductor, request.context, query)


def _pool(request: Request, clients: Any, wanted: str | None) -> Network:
    found = _externals(request, clients)
    if wanted is not None:
        found = [each for each in found if wanted in (each.name, each.id)]
    if not found:
        raise errors.NotFound("Floating IP pool not found.")
    if len(found) > 1:
        raise errors.Invalid("There is more than one floating IP pool: name one by its id.")
    return found[0]


def _placed(request: Request, clients: Any, floatings: list[FloatingIp]) -> list[Placed]:
    def named(kind: NetworkKind, wanted: set[str]) -> Any:
        return network_rows.named(clients.conductor, request.context, kind, wanted)

    networks = named(NetworkKind.NETWORK, {each.network_id for each in floatings})
    ports = named(NetworkKind.PORT, {each.port_id for each in floatings if each.port_id})
    return [
        Placed(each, networks.get(each.network_id), ports.get(each.port_id)) for each in floatings
    ]
