# SPDX-License-Identifier: Apache-2.0
"""Servers: make, see, change, delete, explain."""

import argparse
import base64
from pathlib import Path
from typing import Any
from urllib.parse import quote

from nova_lite.cli.each import Rest, for_each
from nova_lite.cli.errors import EndedInError, Refused, UsageError
from nova_lite.cli.files import contents
from nova_lite.cli.networking import NETWORK, PORT, Networking
from nova_lite.cli.output import Do, ListThem, ShowIt, fields, rows, wait_for


def key_values(pairs: list[str]) -> dict[str, str]:
    """["a=1", ...] as a dict. Raises UsageError."""
    found = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise UsageError(f"{pair!r} is not of the form key=value")
        found[key] = value
    return found


def flat(server: dict[str, Any]) -> dict[str, Any]:
    """A server with its nested parts in one line each."""
    shown = dict(server)
    shown["addresses"] = ", ".join(
        f"{name}={'/'.join(a['addr'] for a in entries)}"
        for name, entries in (server.get("addresses") or {}).items()
    )
    flavor = server.get("flavor") or {}
    shown["flavor"] = flavor.get("original_name") or flavor.get("id")
    image = server.get("image") or {}
    shown["image"] = image.get("id") if isinstance(image, dict) else image
    if "fault" in server:
        shown["fault"] = server["fault"].get("message")
    return shown


class ListServers(ListThem):
    """List servers.

    Example: nova-lite server list --status ERROR -f json
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("--all-projects", action="store_true", help="admins only")
        parser.add_argument("--name", help="regular expression")
        parser.add_argument("--status", help="for instance ACTIVE or ERROR")
        parser.add_argument("--host", help="admins only")
        parser.add_argument("--limit", type=int, help="at most so many")
        parser.add_argument("--long", action="store_true", help="more columns")
        return parser

    def take_action(self, args: argparse.Namespace) -> Any:
        query = {
            "all_tenants": 1 if args.all_projects else None,
            "name": args.name,
            "status": args.status,
            "host": args.host,
            "limit": args.limit,
        }
        found = self.api.pages("/servers/detail", "servers", **query)
        servers = [flat(s) for s, _ in zip(found, range(args.limit or 10**9), strict=False)]
        columns = ["ID", "Name", "Status", "Addresses", "Image", "Flavor"]
        keys = ["id", "name", "status", "addresses", "image", "flavor"]
        if args.long:
            columns += ["Task", "Power", "Zone", "Host", "Created"]
            keys += [
                "OS-EXT-STS:task_state",
                "OS-EXT-STS:power_state",
                "OS-EXT-AZ:availability_zone",
                "OS-EXT-SRV-ATTR:host",
                "created",
            ]
        return rows(columns, keys, servers)


class ShowServer(ShowIt):
    """Show a server.

    Example: nova-lite server show web -f json
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("server", help="name or id")
        return parser

    def take_action(self, args: argparse.Namespace) -> Any:
        return fields(flat(self.api.server(args.server)))


class CreateServer(ShowIt):
    """Create a server (or several with --count).

    Examples:
      nova-lite server create --image tiny --flavor m1.tiny --key-name me --wait web
      nova-lite server create --image tiny --flavor m1.tiny --network private --port web-port \\
        --security-group web web
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
        add("--count", type=int, default=1, metavar="N")
        add("--wait", action="store_true", help="until it is ACTIVE")
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
        made = self.api.post("/servers", self._body(args))["server"]
        if args.wait:
            self._wait(made["id"], args.name, args.timeout)
        shown = flat(self.api.get(f"/servers/{made['id']}")["server"])
        if made.get("adminPass"):
            shown["adminPass"] = made["adminPass"]
        return fields(shown)

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


class SetServer(Do):
    """Change a server's name, description, host name, metadata or tags.

    Example: nova-lite server set --name www --property role=front web
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("server", help="name or id")
        parser.add_argument("--name")
        parser.add_argument("--description")
        parser.add_argument("--hostname")
        parser.add_argument("--property", action="append", metavar="KEY=VALUE", default=[])
        parser.add_argument("--tag", action="append", default=[])
        return parser

    def take_action(self, args: argparse.Namespace) -> None:
        metadata = key_values(args.property)
        wanted = {k: getattr(args, k) for k in ("name", "description", "hostname")}
        changes = {k: v for k, v in wanted.items() if v is not None}
        if not changes and not metadata and not args.tag:
            raise UsageError(
                "nothing to change: give --name, --description, --hostname, --property or --tag"
            )
        path = f"/servers/{self.api.server(args.server)['id']}"
        if changes:
            self.api.put(path, {"server": changes})
        if metadata:
            self.api.post(f"{path}/metadata", {"metadata": metadata})
        for tag in args.tag:
            self.api.put(f"{path}/tags/{quote(tag, safe='')}", None)


class UnsetServer(Do):
    """Take metadata or tags from a server.

    Example: nova-lite server unset --property role --tag old web
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("server", help="name or id")
        parser.add_argument("--property", action="append", metavar="KEY", default=[])
        parser.add_argument("--tag", action="append", default=[])
        return parser

    def take_action(self, args: argparse.Namespace) -> None:
        if not args.property and not args.tag:
            raise UsageError("nothing to take away: give --property or --tag")
        path = f"/servers/{self.api.server(args.server)['id']}"
        for key in args.property:
            self.api.delete(f"{path}/metadata/{quote(key, safe='')}")
        for tag in args.tag:
            self.api.delete(f"{path}/tags/{quote(tag, safe='')}")


class DeleteServer(Do):
    """Delete servers.

    All are asked for first; --wait then waits for each of them.

    Example: nova-lite server delete --wait web db
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("server", nargs="+", help="name or id")
        parser.add_argument("--force", action="store_true", help="also where deletion is deferred")
        parser.add_argument("--wait", action="store_true", help="until it is gone")
        parser.add_argument("--timeout", type=float, default=600, metavar="SECONDS")
        return parser

    def take_action(self, args: argparse.Namespace) -> None:
        def delete(wanted: str) -> Rest | None:
            server = self.api.server(wanted)
            path = f"/servers/{server['id']}"
            if args.force:
                self.api.post(f"{path}/action", {"forceDelete": None})
            else:
                self.api.delete(path)
            if not args.wait:
                return None
            return lambda: self._wait(path, server["name"], args.timeout)

        for_each("servers", args.server, delete)

    def _wait(self, path: str, name: str, timeout: float) -> None:
        def look() -> tuple[str, bool]:
            try:
                server = self.api.get(path)["server"]
            except Refused as exc:
                if exc.status == 404:
                    return "gone", True
                raise
            task = server.get("OS-EXT-STS:task_state")
            if server["status"] == "ERROR" and task is None:
                why = (server.get("fault") or {}).get("message", "no fault is recorded")
                raise EndedInError(f"server {name} could not be deleted: {why}")
            return task or server["status"], server["status"] == "SOFT_DELETED"

        wait_for(f"server {name}", look, timeout)


class ExplainServer(ShowIt):
    """Say why a server found no host: which checks refused, and by how much.

    Example: nova-lite server explain web
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("server", help="name or id")
        return parser

    def take_action(self, args: argparse.Namespace) -> Any:
        path = f"/servers/{self.api.server(args.server)['id']}/explain"
        found = self.api.get(path)["explanation"]
        shown: dict[str, Any] = {
            "summary": found["summary"],
            "hosts considered": found["hosts_considered"],
        }
        for check, count in sorted(found["hosts_refused"].items()):
            shown[f"refused by {check}"] = count
        shown["reasons"] = "\n".join(_because(each) for each in found["checks"])
        if found.get("hosts"):
            shown["per host"] = "\n".join(
                f"{each['host']}: {_because(each)}" for each in found["hosts"]
            )
        return list(shown), list(shown.values())


def _because(refusal: dict[str, Any]) -> str:
    """ "check: reason"; the reason of some checks begins so itself."""
    check, reason = refusal["check"], refusal["reason"]
    return str(reason) if reason.startswith(f"{check}: ") else f"{check}: {reason}"
