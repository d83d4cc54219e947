# SPDX-License-Identifier: Apache-2.0
"""What the calls about networks do."""

from typing import Any, NamedTuple

from nova_lite.api import network_rows
from nova_lite.api.request import Request
from nova_lite.domain.network import Network, Subnet
from nova_lite.domain.network_query import NetworkKind, NetworkQuery


class WithRange(NamedTuple):
    """A network, and the range of its first IPv4 subnet."""

    network: Network
    cidr: str | None


def index(request: Request, clients: Any, target: None, body: None) -> list[Network]:
    """GET /os-networks"""
    query = NetworkQuery(kind=NetworkKind.NETWORK)
    found: list[Network] = network_rows.find(clients.conductor, request.context, query)
    return found


def show(request: Request, clients: Any, target: None, body: None) -> Network:
    """GET /os-networks/{id}"""
    found: Network = network_rows.get(
        clients.conductor, request.context, NetworkKind.NETWORK, request.params["id"]
    )
    return found


def tenant_index(request: Request, clients: Any, target: None, body: None) -> list[WithRange]:
    """GET /os-tenant-networks"""
    return _ranged(request, clients, index(request, clients, target, body))


def tenant_show(request: Request, clients: Any, target: None, body: None) -> WithRange:
    """GET /os-tenant-networks/{id}"""
    return _ranged(request, clients, [show(request, clients, target, body)])[0]


def _ranged(request: Request, clients: Any, networks: list[Network]) -> list[WithRange]:
    wanted = {subnet for network in networks for subnet in network.subnets}
    subnets: dict[str, Subnet] = network_rows.named(
        clients.conductor, request.context, NetworkKind.SUBNET, wanted
    )

    def of(network: Network) -> str | None:
        ranges = [subnets[each].cidr for each in network.subnets if each in subnets]
        return next((cidr for cidr in ranges if ":" not in cidr), None)

    return [WithRange(network, of(network)) for network in networks]
