# SPDX-License-Identifier: Apache-2.0
"""Network interfaces of a server."""

import argparse
from typing import Any

from nova_lite.cli.errors import Refused
from nova_lite.cli.networking import NETWORK, PORT, Networking
from nova_lite.cli.output import Do, ListThem, ShowIt, Told, fields, rows


def _path(api: Any, wanted: str) -> str:
    return f"/servers/{api.server(wanted)['id']}/os-interface"


def _flat(interface: dict[str, Any]) -> dict[str, Any]:
    fixed = interface.get("fixed_ips") or []
    words = ", ".join(each["ip_address"] for each in fixed)
    return {**interface, "fixed_ips": Told(fixed, words)}


class ListInterfaces(ListThem):
    """List the network interfaces of a server.

    Example: nova-lite server interface list web
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("server", help="name or id")
        return parser

    def take_action(self, args: argparse.Namespace) -> Any:
        found = self.api.get(_path(self.api, args.server))["interfaceAttachments"]
        names = ["port_id", "net_id", "mac_addr", "fixed_ips", "port_state", "tag"]
        titles = ["Port", "Network", "MAC address", "Addresses", "State", "Tag"]
        return rows(titles, names, [_flat(one) for one in found])


class _Add(ShowIt):
    """Attach an interface and show it."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("server", help="name or id")
        parser.add_argument("--tag", help="by which the guest knows the interface")
        return parser

    def attach(self, args: argparse.Namespace, **wish: Any) -> Any:
        wish = {name: value for name, value in {**wish, "tag": args.tag}.items() if value}
        body = {"interfaceAttachment": wish}
        made = self.api.post(_path(self.api, args.server), body)["interfaceAttachment"]
        return fields(_flat(made))


class AddNetwork(_Add):
    """Give a server one more interface, on a network.

    Example: nova-lite server add network web private
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("network", help="name or id")
        parser.add_argument("--fixed-ip", metavar="ADDRESS", help="this address of the network")
        return parser

    def take_action(self, args: argparse.Namespace) -> Any:
        fixed = [{"ip_address": args.fixed_ip}] if args.fixed_ip else None
        network_id = Networking(self.api).id(NETWORK, args.network)
        return self.attach(args, net_id=network_id, fixed_ips=fixed)


class AddPort(_Add):
    """Give a server one more interface, with a port that exists.

    Example: nova-lite server add port web web-port
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("port", help="name or id")
        return parser

    def take_action(self, args: argparse.Namespace) -> Any:
        return self.attach(args, port_id=Networking(self.api).id(PORT, args.port))


class RemovePort(Do):
    """Take the interface with that port from a server.

    Example: nova-lite server remove port web web-port
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("server", help="name or id")
        parser.add_argument("port", help="name or id")
        return parser

    def take_action(self, args: argparse.Namespace) -> None:
        port_id = Networking(self.api).id(PORT, args.port)
        self.api.delete(f"{_path(self.api, args.server)}/{port_id}")


class RemoveNetwork(Do):
    """Take all interfaces on a network from a server.

    Example: nova-lite server remove network web private
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("server", help="name or id")
        parser.add_argument("network", help="name or id")
        return parser

    def take_action(self, args: argparse.Namespace) -> None:
        path = _path(self.api, args.server)
        network_id = Networking(self.api).id(NETWORK, args.network)
        found = [
            one["port_id"]
            for one in self.api.get(path)["interfaceAttachments"]
            if one["net_id"] == network_id
        ]
        if not found:
            raise Refused(f"server {args.server} has no interface on network {args.network}", 404)
        for port_id in found:
            self.api.delete(f"{path}/{port_id}")
