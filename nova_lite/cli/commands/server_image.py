# SPDX-License-Identifier: Apache-2.0
"""Images and backups that are made of servers."""

import argparse
from typing import Any

from nova_lite.cli.commands.server import key_values
from nova_lite.cli.errors import EndedInError
from nova_lite.cli.output import ShowIt, fields, wait_for


class _OfServer(ShowIt):
    """An action of a server that makes an image; shows the image."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        add = parser.add_argument
        add("server", help="name or id")
        add("--name", help="of the image; else the server's")
        add("--property", action="append", default=[], metavar="KEY=VALUE", help="repeatable")
        add("--wait", action="store_true", help="wait until the image can be used")
        add("--timeout", type=float, default=3600, metavar="SECONDS")
        return parser

    def _make(self, args: argparse.Namespace, action: str, **more: Any) -> Any:
        server = self.api.server(args.server)
        wish = {"name": args.name or server["name"], **more}
        if args.property:
            wish["metadata"] = key_values(args.property)
        answer = self.api.post(f"/servers/{server['id']}/action", {action: wish})
        image_id = (answer or {}).get("image_id")
        if image_id is None:
            return fields({"server": server["name"], "image": None})
        if args.wait:
            self._wait(image_id, server, args.timeout)
        return fields(self.api.image_named(image_id))

    def _wait(self, image_id: str, server: dict[str, Any], timeout: float) -> None:
        def look() -> tuple[str, bool]:
            query, image = {"id": f"in:{image_id}"}, self.api.image
            found = self.api.call("GET", "/v2/images", query=query, service=image)["images"]
            if not found or found[0]["status"] in ("killed", "deleted"):
                raise EndedInError(
                    f"there is no image of server {server['name']}: "
                    f"see 'nova-lite server event list {server['id']}'"
                )
            status = str(found[0]["status"])
            return status, status == "active"

        wait_for(f"image {image_id}", look, timeout)


class CreateServerImage(_OfServer):
    """Make an image of a server's disk; the server goes on meanwhile.

    Example: nova-lite server image create --name web-golden --wait web
    """

    def take_action(self, args: argparse.Namespace) -> Any:
        return self._make(args, "createImage")


class CreateServerBackup(_OfServer):
    """Make an image of a server's disk, and delete the oldest of its kind.

    Example: nova-lite server backup create --name web-daily --type daily --rotate 7 --wait web
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("--type", default="", help="any word; each has its own rotation")
        parser.add_argument(
            "--rotate", type=int, default=1, metavar="NUMBER", help="how many stay (default 1)"
        )
        return parser

    def take_action(self, args: argparse.Namespace) -> Any:
        return self._make(args, "createBackup", backup_type=args.type, rotation=args.rotate)
