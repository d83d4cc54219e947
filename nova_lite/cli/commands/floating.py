# SPDX-License-Identifier: Apache-2.0
"""Floating IPs: addresses of an external network that lead to servers."""

import argparse
from typing import Any

from nova_lite.cli.errors import Refused
from nova_lite.cli.networking import (
    FLOATING_IP,
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
    given,
)
from nova_lite.cli.output import Do


class ListFloatingIps(ListResources):
    """List floating ips.

    Example: nova-lite floating ip list --network public -f json
    """

    noun = FLOATING_IP
    columns = (
        ("ID", "id"),
        ("Address", "floating_ip_address"),
        ("Fixed address", "fixed_ip_address"),
        ("Port", "port_id"),
        ("Network", "floating_network_id"),
        ("Status", "status"),
    )
    filters = (
        Filter("network", "floating_network_id", "name or id", noun=NETWORK),
        Filter("port", "port_id", "name or id", noun=PORT),
        Filter("project", "project_id", "name or id", project=True),
    )


class ShowFloatingIp(ShowResource):
    """Show a floating ip.

    Example: nova-lite floating ip show 192.0.2.101
    """

    noun = FLOATING_IP


class CreateFloatingIp(CreateResource):
    """Take an address of an external network.

    Examples:
      nova-lite floating ip create public
      nova-lite server add floating ip web 192.0.2.101
    """

    noun = FLOATING_IP

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        add = parser.add_argument
        add("network", help="an external one, by name or id")
        add("--description")
        add("--address", "--floating-ip-address", metavar="ADDRESS", help="this one (admins only)")
        add("--subnet", help="one of this subnet; name or id")
        add("--port", help="where it leads to; name or id")
        add(
            "--fixed-ip",
            "--fixed-ip-address",
            metavar="ADDRESS",
            help="of the port, where it has several",
        )
        add_project(parser)
        return parser

    def values(self, args: argparse.Namespace) -> dict[str, Any]:
        values = given(
            args,
            description="description",
            floating_ip_address="address",
            fixed_ip_address="fixed_ip",
            project_id="project",
        )
        for name, noun, wanted in (
            ("floating_network_id", NETWORK, args.network),
            ("subnet_id", SUBNET, args.subnet),
            ("port_id", PORT, args.port),
        ):
            if wanted is not None:
                values[name] = self.networking.id(noun, wanted)
        return values


class SetFloatingIp(SetResource):
    """Let a floating ip lead to a port, or to none.

    Example: nova-lite floating ip set --port web-port 192.0.2.101
    """

    noun = FLOATING_IP

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("--description")
        ports = parser.add_mutually_exclusive_group()
        ports.add_argument("--port", help="name or id")
        ports.add_argument("--no-port", action="store_true", help="to none")
        parser.add_argument(
            "--fixed-ip", "--fixed-ip-address", metavar="ADDRESS", help="of the port"
        )
        return parser

    def values(self, args: argparse.Namespace, now: dict[str, Any]) -> dict[str, Any]:
        values = given(args, description="description", fixed_ip_address="fixed_ip")
        if args.no_port:
            values["port_id"] = None
        elif args.port is not None:
            values["port_id"] = self.networking.id(PORT, args.port)
        return values


class DeleteFloatingIps(DeleteResources):
    """Give floating ips back.

    Example: nova-lite floating ip delete 192.0.2.101 192.0.2.102
    """

    noun = FLOATING_IP


class _OfServer(Do):
    """What has a server and a floating ip."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("server", help="name or id")
        parser.add_argument("address", help="the floating ip: address or id")
        return parser

    def ports(self, args: argparse.Namespace, networking: Networking) -> list[dict[str, Any]]:
        server = self.api.server(args.server)
        return list(networking.list(PORT, device_id=server["id"]))


class AddFloatingIp(_OfServer):
    """Let a floating ip lead to a server.

    Example: nova-lite server add floating ip web 192.0.2.101
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("--fixed-ip", metavar="ADDRESS", help="of the server")
        return parser

    def take_action(self, args: argparse.Namespace) -> None:
        networking = Networking(self.api)
        found = networking.find(FLOATING_IP, args.address)
        for port in self.ports(args, networking):
            for fixed in port["fixed_ips"]:
                if args.fixed_ip in (None, fixed["ip_address"]) and ":" not in fixed["ip_address"]:
                    values = {"port_id": port["id"], "fixed_ip_address": fixed["ip_address"]}
                    networking.update(FLOATING_IP, found["id"], **values)
                    return
        wanted = f"the address {args.fixed_ip}" if args.fixed_ip else "an IPv4 address"
        raise Refused(f"no port of server {args.server} has {wanted}", 404)


class RemoveFloatingIp(_OfServer):
    """Let a floating ip lead to a server no longer.

    Example: nova-lite server remove floating ip web 192.0.2.101
    """

    def take_action(self, args: argparse.Namespace) -> None:
        networking = Networking(self.api)
        found = networking.find(FLOATING_IP, args.address)
        if found["port_id"] not in [port["id"] for port in self.ports(args, networking)]:
            raise Refused(f"{args.address} does not lead to server {args.server}", 409)
        networking.update(FLOATING_IP, found["id"], port_id=None)
