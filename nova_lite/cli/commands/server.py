# SPDX-License-Identifier: Apache-2.0
"""Servers: see, change, delete, explain."""

import argparse
from typing import Any
from urllib.parse import quote

from nova_lite.cli.each import Rest, for_each
from nova_lite.cli.errors import EndedInError, Refused, UsageError
from nova_lite.cli.output import Do, ListThem, ShowIt, Told, fields, rows, wait_for


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
    """A server with its nested parts in one line each, for people."""
    shown = dict(server)
    addresses = server.get("addresses") or {}
    words = (f"{name}={'/'.join(a['addr'] for a in found)}" for name, found in addresses.items())
    shown["addresses"] = Told(addresses, ", ".join(words))
    flavor = server.get("flavor") or {}
    shown["flavor"] = flavor.get("original_name") or flavor.get("id")
    image = server.get("image") or {}
    shown["image"] = image.get("id") if isinstance(image, dict) else image
    if "fault" in server:
        shown["fault"] = server["fault"].get("message")
        if server["fault"].get("details"):
            shown["fault_details"] = server["fault"]["details"]
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
        checks, hosts = found["checks"], found.get("hosts")
        shown["reasons"] = Told(checks, "\n".join(_because(each) for each in checks))
        if hosts:
            words = "\n".join(f"{each['host']}: {_because(each)}" for each in hosts)
            shown["per host"] = Told(hosts, words)
        return list(shown), list(shown.values())


def _because(refusal: dict[str, Any]) -> str:
    """ "check: reason"; the reason of some checks begins so itself."""
    check, reason = refusal["check"], refusal["reason"]
    return str(reason) if reason.startswith(f"{check}: ") else f"{check}: {reason}"
