# SPDX-License-Identifier: Apache-2.0
"""Ports."""

import argparse
from typing import Any, Final

from nova_lite.cli.networking import (
    GROUP,
    NETWORK,
    PORT,
    SUBNET,
    CreateResource,
    DeleteResources,
    Filter,
    ListResources,
    Networking,
    SetResource,
    ShowResource,
    add_project,
    add_switch,
    given,
    parts,
)
from nova_lite.cli.output import Told, listed

FIXED: Final = "subnet=NAME,address=ADDRESS"
PAIR: Final = "address=CIDR[,mac=MAC]"


class _Port:
    noun = PORT

    def flat(self, port: dict[str, Any]) -> dict[str, Any]:
        fixed, pairs = port["fixed_ips"], port["allowed_address_pairs"]
        return {
            **port,
            "fixed_ips": Told(fixed, ", ".join(each["ip_address"] for each in fixed)),
            "security_groups": listed(port["security_groups"]),
            "allowed_address_pairs": Told(
                pairs, ", ".join(f"{pair['ip_address']} ({pair['mac_address']})" for pair in pairs)
            ),
        }


class ListPorts(_Port, ListResources):
    """List ports.

    Example: nova-lite port list --network private --server web
    """

    columns = (
        ("ID", "id"),
        ("Name", "name"),
        ("MAC address", "mac_address"),
        ("Addresses", "fixed_ips"),
        ("Device", "device_id"),
        ("Status", "status"),
    )
    filters = (
        Filter("name", "name"),
        Filter("network", "network_id", "name or id", noun=NETWORK),
        Filter("server", "device_id", "name or id", server=True),
        Filter("mac-address", "mac_address"),
        Filter("security-group", "security_groups", "name or id", noun=GROUP),
        Filter("project", "project_id", "name or id", project=True),
    )


class ShowPort(_Port, ShowResource):
    """Show a port.

    Example: nova-lite port show web-port
    """


def _add_common(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--description")
    add("--mac-address")
    add(
        "--fixed-ip",
        action="append",
        metavar=FIXED,
        help="or one of the two; ip-address= is address=; repeatable",
    )
    add(
        "--allowed-address",
        action="append",
        metavar=PAIR,
        help="what the guest may use besides; also ip-address=, mac-address=; repeatable",
    )
    groups = parser.add_mutually_exclusive_group()
    groups.add_argument(
        "--security-group", action="append", metavar="NAME", help="name or id; repeatable"
    )
    groups.add_argument("--no-security-group", action="store_true", help="nothing may come in")
    add_switch(parser, "enable", "disable", "state")
    add_switch(parser, "enable-port-security", "disable-port-security", "port_security")


def _common(networking: Networking, args: argparse.Namespace) -> dict[str, Any]:
    values = given(
        args,
        description="description",
        mac_address="mac_address",
        admin_state_up="state",
        port_security_enabled="port_security",
    )
    if args.fixed_ip is not None:
        values["fixed_ips"] = [_fixed(networking, text) for text in args.fixed_ip]
    if args.allowed_address is not None:
        values["allowed_address_pairs"] = [_pair(text) for text in args.allowed_address]
    if args.no_security_group:
        values["security_groups"] = []
    elif args.security_group is not None:
        values["security_groups"] = [networking.id(GROUP, one) for one in args.security_group]
    return values


def _fixed(networking: Networking, text: str) -> dict[str, str]:
    names = {"subnet": "subnet_id", "address": "ip_address", "ip-address": "ip_address"}
    fixed = parts(text, f"{FIXED} (or one of the two)", names)
    if "subnet_id" in fixed:
        fixed["subnet_id"] = networking.id(SUBNET, fixed["subnet_id"])
    return fixed


def _pair(text: str) -> dict[str, str]:
    names = {
        "address": "ip_address",
        "ip-address": "ip_address",
        "mac": "mac_address",
        "mac-address": "mac_address",
    }
    return parts(text, PAIR, names, ("ip_address",))


class CreatePort(_Port, CreateResource):
    """Create a port: an address that a server can be given later.

    Examples:
      nova-lite port create --network private --fixed-ip address=10.0.0.9 web
      nova-lite server add port SERVER PORT-ID
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("name")
        parser.add_argument("--network", required=True, help="name or id")
        _add_common(parser)
        add_project(parser)
        return parser

    def values(self, args: argparse.Namespace) -> dict[str, Any]:
        network_id = self.networking.id(NETWORK, args.network)
        named = given(args, name="name", project_id="project")
        return {"network_id": network_id, **named, **_common(self.networking, args)}


class SetPort(SetResource):
    """Change a port; lists that are given replace those that were.

    Example: nova-lite port set --security-group web --security-group ssh PORT
    """

    noun = PORT

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("--name")
        parser.add_argument("--no-allowed-address", action="store_true", help="forget them")
        _add_common(parser)
        return parser

    def values(self, args: argparse.Namespace, now: dict[str, Any]) -> dict[str, Any]:
        values = {**given(args, name="name"), **_common(self.networking, args)}
        if args.no_allowed_address:
            values.setdefault("allowed_address_pairs", [])
        return values


class DeletePorts(DeleteResources):
    """Delete ports that no server has.

    Example: nova-lite port delete web-port db-port
    """

    noun = PORT
