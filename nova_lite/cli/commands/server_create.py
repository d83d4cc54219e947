# SPDX-License-Identifier: Apache-2.0
"""Servers that are made."""

import argparse
import base64
from pathlib import Path
from typing import Any

from nova_lite.cli.commands.server import flat, key_values
from nova_lite.cli.each import for_each
from nova_lite.cli.errors import EndedInError, UsageError
from nova_lite.cli.files import contents
from nova_lite.cli.networking import NETWORK, PORT, Networking
from nova_lite.cli.output import ShowIt, fields, wait_for


class CreateServer(ShowIt):
    """Create a server (or several with --count).

    Examples:
      nova-lite server create --image tiny --flavor m1.tiny --key-name me --wait web
      nova-lite server create --image tiny --flavor m1.tiny --network private --port web-port \\
        --security-group web web
      nova-lite server create --image tiny --flavor m1.tiny --count 3 --wait web
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        add = parser.add_argument
        add("name")
        add("--image", required=True, help="name or id")
        add("--flavor", required=True, help="name or id")
        add("--key-name", help="key pair to inject")
        add("--network", action="append", default=[], help="name or id, repeatable; or auto, none")
        add("--port", action="append", default=[], help="name or id, repeatable; after networks")
        add("--security-group", action="append", default=[], help="name or id, repeatable")
        add("--property", action="append", default=[], metavar="KEY=VALUE", help="repeatable")
        add("--tag", action="append", default=[], help="repeatable")
        add("--hint", action="append", default=[], metavar="KEY=VALUE", help="for the scheduler")
        add("--user-data", type=Path, metavar="FILE")
        add("--availability-zone", metavar="ZONE[:HOST]")
        add("--description")
        add("--config-drive", action="store_true")
        add("--count", type=int, default=1, metavar="N",
            help="so many; one of them is shown, with --wait without its password")  # fmt: skip
        add("--wait", action="store_true", help="until all are ACTIVE")
        add("--timeout", type=float, default=600, metavar="SECONDS")
        return parser

    def _body(self, args: argparse.Namespace) -> dict[str, Any]:
        server: dict[str, Any] = {
            "name": args.name,
            "imageRef": self.api.image_named(args.image)["id"],
            "flavorRef": self.api.flavor(args.flavor)["id"],
            "networks": self._networks(args.network, args.port),
            "max_count": args.count,
            "min_count": args.count,
        }
        for name, value in (
            ("key_name", args.key_name),
            ("metadata", key_values(args.property)),
            ("tags", args.tag),
            ("availability_zone", args.availability_zone),
            ("description", args.description),
            ("config_drive", args.config_drive),
            ("security_groups", [{"name": name} for name in args.security_group]),
        ):
            if value:
                server[name] = value
        if args.user_data:
            server["user_data"] = base64.b64encode(contents(args.user_data)).decode()
        body: dict[str, Any] = {"server": server}
        if args.hint:
            body["os:scheduler_hints"] = key_values(args.hint)
        return body

    def _networks(self, networks: list[str], ports: list[str]) -> str | list[dict[str, str]]:
        """Interfaces in this order; auto and none stand alone."""
        if not networks and not ports:
            return "auto"
        for word in ("auto", "none"):
            if word in networks:
                if len(networks) + len(ports) > 1:
                    raise UsageError(f"--network {word} goes with no other network or port")
                return word
        networking = Networking(self.api)
        return [
            *({"uuid": networking.id(NETWORK, each)} for each in networks),
            *({"port": networking.id(PORT, each)} for each in ports),
        ]

    def take_action(self, args: argparse.Namespace) -> Any:
        body = self._body(args)
        if args.wait and args.count > 1:
            return self._several(body, args.timeout)
        made = self.api.post("/servers", body)["server"]
        if args.wait:
            self._wait(made["id"], args.name, args.timeout)
        shown = flat(self.api.get(f"/servers/{made['id']}")["server"])
        if made.get("adminPass"):
            shown["adminPass"] = made["adminPass"]
        return fields(shown)

    def _several(self, body: dict[str, Any], timeout: float) -> Any:
        """By their reservation, by which all can be found that are to be waited for."""
        body["server"]["return_reservation_id"] = True
        reservation = self.api.post("/servers", body)["reservation_id"]
        found = self.api.pages("/servers", "servers", reservation_id=reservation)
        ids = {server["name"]: server["id"] for server in found}
        names = sorted(ids, key=lambda name: (len(name), name))  # web-2, web-10
        for_each("servers", names, lambda name: self._wait(ids[name], name, timeout))
        return fields(flat(self.api.get(f"/servers/{ids[names[0]]}")["server"]))

    def _wait(self, uuid: str, name: str, timeout: float) -> None:
        def look() -> tuple[str, bool]:
            server = self.api.get(f"/servers/{uuid}")["server"]
            if server["status"] == "ERROR":
                why = (server.get("fault") or {}).get("message", "no fault is recorded")
                raise EndedInError(
                    f"server {name} is in ERROR: {why} (nova-lite server explain {uuid})"
                )
            task = server.get("OS-EXT-STS:task_state")
            return task or server["status"], server["status"] == "ACTIVE"

        wait_for(f"server {name}", look, timeout)
