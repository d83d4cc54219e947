# SPDX-License-Identifier: Apache-2.0
"""Subnets."""

import argparse
from typing import Any, Final

from nova_lite.cli.errors import UsageError
from nova_lite.cli.networking import (
    NETWORK,
    SUBNET,
    CreateResource,
    DeleteResources,
    Filter,
    ListResources,
    SetResource,
    ShowResource,
    add_project,
    add_switch,
    given,
    parts,
)
from nova_lite.cli.output import Told, listed

POOL: Final = "START-END"
ROUTE: Final = "destination=CIDR,nexthop=ADDRESS"


class _Subnet:
    noun = SUBNET

    def flat(self, subnet: dict[str, Any]) -> dict[str, Any]:
        pools, routes = subnet["allocation_pools"], subnet["host_routes"]
        return {
            **subnet,
            "allocation_pools": Told(
                pools, ", ".join(f"{pool['start']}-{pool['end']}" for pool in pools)
            ),
            "dns_nameservers": listed(subnet["dns_nameservers"]),
            "host_routes": Told(
                routes,
                ", ".join(f"{route['destination']} via {route['nexthop']}" for route in routes),
            ),
        }


class ListSubnets(_Subnet, ListResources):
    """List subnets.

    Example: nova-lite subnet list --network private
    """

    columns = (
        ("ID", "id"),
        ("Name", "name"),
        ("Network", "network_id"),
        ("CIDR", "cidr"),
        ("Gateway", "gateway_ip"),
        ("Pools", "allocation_pools"),
    )
    filters = (
        Filter("name", "name"),
        Filter("network", "network_id", "name or id", noun=NETWORK),
        Filter("project", "project_id", "name or id", project=True),
    )


class ShowSubnet(_Subnet, ShowResource):
    """Show a subnet.

    Example: nova-lite subnet show private-4
    """


def _add_common(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--description")
    add("--gateway", metavar="ADDRESS", help="or none; by default the first address")
    add(
        "--pool",
        "--allocation-pool",
        action="append",
        metavar=POOL,
        help="addresses to give, also as start=ADDRESS,end=ADDRESS; repeatable",
    )
    add(
        "--dns",
        "--dns-nameserver",
        action="append",
        metavar="ADDRESS",
        help="a name server; repeatable",
    )
    add(
        "--route",
        "--host-route",
        action="append",
        metavar=ROUTE,
        help="that guests are told of; gateway= is nexthop=; repeatable",
    )
    add_switch(parser, "dhcp", "no-dhcp", "dhcp")


def _common(args: argparse.Namespace) -> dict[str, Any]:
    values = given(args, description="description", enable_dhcp="dhcp", dns_nameservers="dns")
    if args.gateway is not None:
        values["gateway_ip"] = None if args.gateway == "none" else args.gateway
    if args.pool is not None:
        values["allocation_pools"] = [_pool(text) for text in args.pool]
    if args.route is not None:
        values["host_routes"] = [_route(text) for text in args.route]
    return values


def _pool(text: str) -> dict[str, str]:
    form = f"{POOL} or start=ADDRESS,end=ADDRESS"
    if "=" in text:
        return parts(text, form, {"start": "start", "end": "end"}, ("start", "end"))
    start, _, end = text.partition("-")
    if not start or not end:
        raise UsageError(f"{text!r} is not of the form {form}")
    return {"start": start, "end": end}


def _route(text: str) -> dict[str, str]:
    names = {"destination": "destination", "nexthop": "nexthop", "gateway": "nexthop"}
    return parts(text, ROUTE, names, ("destination", "nexthop"))


class CreateSubnet(_Subnet, CreateResource):
    """Give a network addresses.

    Examples:
      nova-lite subnet create --network private --cidr 10.0.0.0/24 private-4
      nova-lite subnet create --network public --cidr 192.0.2.0/24 --no-dhcp \\
        --gateway 192.0.2.1 --pool 192.0.2.100-192.0.2.200 public-4
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("name")
        parser.add_argument("--network", required=True, help="name or id")
        parser.add_argument("--cidr", "--subnet-range", required=True)
        _add_common(parser)
        add_project(parser)
        return parser

    def values(self, args: argparse.Namespace) -> dict[str, Any]:
        network_id = self.networking.id(NETWORK, args.network)
        named = given(args, name="name", cidr="cidr", project_id="project")
        return {"network_id": network_id, **named, **_common(args)}


class SetSubnet(SetResource):
    """Change a subnet; lists that are given replace those that were.

    Example: nova-lite subnet set --dns 192.0.2.53 private-4
    """

    noun = SUBNET

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("--name")
        parser.add_argument("--no-dns", action="store_true", help="forget the name servers")
        parser.add_argument("--no-routes", action="store_true", help="forget the routes")
        _add_common(parser)
        return parser

    def values(self, args: argparse.Namespace, now: dict[str, Any]) -> dict[str, Any]:
        values = {**given(args, name="name"), **_common(args)}
        if args.no_dns:
            values.setdefault("dns_nameservers", [])
        if args.no_routes:
            values.setdefault("host_routes", [])
        return values


class DeleteSubnets(DeleteResources):
    """Delete subnets that no port has an address of.

    Example: nova-lite subnet delete private-4
    """

    noun = SUBNET
