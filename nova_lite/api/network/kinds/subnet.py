# SPDX-License-Identifier: Apache-2.0
"""Subnets."""

import ipaddress
from typing import Any, Final

from nova_lite.api.network import readers
from nova_lite.api.network.attribute import STANDARD, Attribute, Kind, flag
from nova_lite.domain.network_query import NetworkKind

_POOL: Final = readers.mapping(
    {"start": ("start", readers.address), "end": ("end", readers.address)},
    required=("start", "end"),
)
_ROUTE: Final = readers.mapping(
    {
        "destination": ("destination", readers.range_or_address),
        "nexthop": ("nexthop", readers.address),
    },
    required=("destination", "nexthop"),
)


def _complete(values: dict[str, Any]) -> None:
    """The version follows from the range."""
    if "version" not in values:
        net = ipaddress.ip_network(values["cidr"], strict=False)
        values["version"] = net.version


SUBNET: Final = Kind(
    kind=NetworkKind.SUBNET,
    one="subnet",
    many="subnets",
    path="subnets",
    words="subnet",
    attributes=(
        *STANDARD,
        Attribute(
            name="network_id",
            field="network_id",
            read=readers.uuid,
            update=False,
            required=True,
        ),
        Attribute(
            name="cidr",
            field="cidr",
            read=readers.range_or_address,
            update=False,
            required=True,
        ),
        Attribute(name="ip_version", field="version", read=readers.version, update=False),
        Attribute(name="gateway_ip", field="gateway", read=readers.or_none(readers.address)),
        Attribute(
            name="allocation_pools",
            field="pools",
            show=lambda subnet: [{"start": p.start, "end": p.end} for p in subnet.pools],
            read=readers.list_of(_POOL),
            match=None,
        ),
        Attribute(name="dns_nameservers", field="dns", read=readers.list_of(readers.address, 20)),
        Attribute(
            name="host_routes",
            field="routes",
            show=lambda subnet: [
                {"destination": r.destination, "nexthop": r.nexthop} for r in subnet.routes
            ],
            read=readers.list_of(_ROUTE, 64),
            match=None,
        ),
        Attribute(name="enable_dhcp", field="dhcp", read=readers.flag, match=flag),
    ),
    fixed={
        "ipv6_address_mode": None,
        "ipv6_ra_mode": None,
        "subnetpool_id": None,
        "segment_id": None,
        "service_types": [],
        "dns_publish_fixed_ip": False,
        "tags": [],
    },
    complete=_complete,
)
