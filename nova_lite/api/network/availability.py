# SPDX-License-Identifier: Apache-2.0
"""How many addresses networks have, and how many of them are taken."""

import ipaddress
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from nova_lite.api import network_rows
from nova_lite.api.network.body import bad
from nova_lite.api.network.call import Call, Reply
from nova_lite.api.network.policy import GET_AVAILABILITY
from nova_lite.base import policy
from nova_lite.domain.network import AddressRange, FloatingIp, Network, Port, Subnet
from nova_lite.domain.network_query import NetworkKind, NetworkQuery

# The largest number that answers hold; subnets of IPv6 have more addresses.
MOST: Final = (1 << 63) - 1
# parameter of the query -> field of a network
_FILTERS: Final = {
    "network_id": "id",
    "network_name": "name",
    "project_id": "project_id",
    "tenant_id": "project_id",
}


def index(call: Call) -> Reply:
    """GET /v2.0/network-ip-availabilities"""
    policy.authorize(call.context, GET_AVAILABILITY.name)
    unknown = [name for name in call.query if name not in (*_FILTERS, "ip_version", "fields")]
    if unknown:
        raise bad(f"{unknown} is invalid attribute for filtering")
    filters = {_FILTERS[name]: each for name, each in call.query.items() if name in _FILTERS}
    query = NetworkQuery(kind=NetworkKind.NETWORK, filters=filters)
    networks = network_rows.find(call.conductor, call.context, query)
    return Reply(200, {"network_ip_availabilities": _counted(call, networks)})


def show(call: Call) -> Reply:
    """GET /v2.0/network-ip-availabilities/{id of a network}"""
    policy.authorize(call.context, GET_AVAILABILITY.name)
    found = network_rows.get(call.conductor, call.context, NetworkKind.NETWORK, call.id)
    return Reply(200, {"network_ip_availability": _counted(call, [found])[0]})


def _counted(call: Call, networks: list[Network]) -> list[dict[str, Any]]:
    if not networks:
        return []
    ids = sorted(network.id for network in networks)

    def inside(kind: NetworkKind) -> list[Any]:
        query = NetworkQuery(kind=kind, filters={"network_id": ids})
        return network_rows.find(call.conductor, call.context, query)

    versions = call.query.get("ip_version")
    subnets = [
        subnet
        for subnet in inside(NetworkKind.SUBNET)
        if not versions or str(subnet.version) in versions
    ]
    used = taken(subnets, inside(NetworkKind.PORT), inside(NetworkKind.FLOATING_IP))
    return [
        _of(network, [each for each in subnets if each.network_id == network.id], used)
        for network in networks
    ]


def taken(
    subnets: Iterable[Subnet], ports: Iterable[Port], floatings: Iterable[FloatingIp]
) -> Counter[str]:
    """Id of a subnet -> its addresses that ports and floating ips have. Pure."""
    found = Counter(each.subnet_id for port in ports for each in port.addresses)
    ranges = [(subnet, ipaddress.ip_network(subnet.cidr)) for subnet in subnets]
    for floating in floatings:
        address = ipaddress.ip_address(floating.address)
        for subnet, net in ranges:
            if subnet.network_id == floating.network_id and address in net:
                found[subnet.id] += 1
    return found


def size(pools: Iterable[AddressRange]) -> int:
    """How many addresses there are to give, MOST at most."""

    def number(text: str) -> int:
        return int(ipaddress.ip_address(text))

    return min(sum(number(pool.end) - number(pool.start) + 1 for pool in pools), MOST)


def _of(network: Network, subnets: list[Subnet], used: Mapping[str, int]) -> dict[str, Any]:
    parts = [
        {
            "subnet_id": subnet.id,
            "subnet_name": subnet.name,
            "cidr": subnet.cidr,
            "ip_version": subnet.version,
            "total_ips": size(subnet.pools),
            "used_ips": used.get(subnet.id, 0),
        }
        for subnet in subnets
    ]
    return {
        "network_id": network.id,
        "network_name": network.name,
        "project_id": network.project_id,
        "tenant_id": network.project_id,
        "total_ips": min(sum(size(subnet.pools) for subnet in subnets), MOST),
        "used_ips": sum(used.get(subnet.id, 0) for subnet in subnets),
        "subnet_ip_availability": parts,
    }
