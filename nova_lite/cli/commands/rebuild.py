# SPDX-License-Identifier: Apache-2.0
"""Servers that are made anew."""

import argparse
import base64
from pathlib import Path
from typing import Any

from nova_lite.cli.commands.server import flat, key_values
from nova_lite.cli.commands.verb import wait_until
from nova_lite.cli.errors import UsageError
from nova_lite.cli.files import contents
from nova_lite.cli.output import ShowIt, fields


class RebuildServer(ShowIt):
    """Make a server anew, of its image or another one. What is on its root disk is lost.

    It keeps its id, its host, and its addresses; without options, everything else, too.

    Example: nova-lite server rebuild --image debian-12 --wait web
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        add = parser.add_argument
        add("server", help="name or id")
        add("--image", help="name or id; else the one that it has")
        add("--name")
        add("--description")
        add("--hostname")
        add("--property", action="append", default=[], metavar="KEY=VALUE", help="instead of all")
        key = parser.add_mutually_exclusive_group()
        key.add_argument("--key-name", help="key pair to inject")
        key.add_argument("--no-key-name", action="store_true", help="inject none")
        data = parser.add_mutually_exclusive_group()
        data.add_argument("--user-data", type=Path, metavar="FILE")
        data.add_argument("--no-user-data", action="store_true")
        add("--preserve-ephemeral", action="store_true", help="keep what is on ephemeral disks")
        add("--wait", action="store_true", help="until it is made")
        add("--timeout", type=float, default=600, metavar="SECONDS")
        return parser

    def take_action(self, args: argparse.Namespace) -> Any:
        server = self.api.server(args.server)
        path = f"/servers/{server['id']}"
        body = {"rebuild": self._body(args, server)}
        shown = self.api.post(f"{path}/action", body)["server"]
        if args.wait:
            until = "SHUTOFF" if server["status"] == "SHUTOFF" else "ACTIVE"
            wait_until(self.api, server, until, args.timeout)
            # The password is said once.
            shown = {**shown, **self.api.get(path)["server"]}
        return fields(flat(shown))

    def _body(self, args: argparse.Namespace, server: dict[str, Any]) -> dict[str, Any]:
        image = self.api.image_named(args.image)["id"] if args.image else _image_of(server)
        body: dict[str, Any] = {"imageRef": image}
        given = {k: getattr(args, k) for k in ("name", "description", "hostname", "key_name")}
        body |= {key: value for key, value in given.items() if value is not None}
        if args.no_key_name:
            body["key_name"] = None
        if args.user_data:
            body["user_data"] = base64.b64encode(contents(args.user_data)).decode()
        if args.no_user_data:
            body["user_data"] = None
        if args.property:
            body["metadata"] = key_values(args.property)
        if args.preserve_ephemeral:
            body["preserve_ephemeral"] = True
        return body


def _image_of(server: dict[str, Any]) -> str:
    image = server.get("image")
    if not isinstance(image, dict):
        raise UsageError(f"server {server['name']} has no image: give --image")
    return str(image["id"])
