# SPDX-License-Identifier: Apache-2.0
"""Server groups."""

import argparse
from typing import Any

from nova_lite.cli.each import for_each
from nova_lite.cli.output import Do, ListThem, ShowIt, fields, rows

POLICIES = ("affinity", "anti-affinity", "soft-affinity", "soft-anti-affinity")


def _find(api: Any, wanted: str) -> dict[str, Any]:
    return api.find("server group", "/os-server-groups", "server_groups", wanted)


class ListGroups(ListThem):
    """List server groups.

    Example: nova-lite server group list
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("--all-projects", action="store_true", help="admins only")
        return parser

    def take_action(self, args: argparse.Namespace) -> Any:
        wanted = "true" if args.all_projects else None
        found = self.api.get("/os-server-groups", all_projects=wanted)["server_groups"]
        return rows(["ID", "Name", "Policy"], ["id", "name", "policy"], found)


class ShowGroup(ShowIt):
    """Show a server group.

    Example: nova-lite server group show fronts
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("group", help="name or id")
        return parser

    def take_action(self, args: argparse.Namespace) -> Any:
        return fields(_find(self.api, args.group))


class CreateGroup(ShowIt):
    """Create a server group.

    Example: nova-lite server group create --policy anti-affinity --max-per-host 2 fronts
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("name")
        parser.add_argument("--policy", choices=POLICIES, required=True)
        parser.add_argument(
            "--max-per-host", type=int, metavar="N", help="with anti-affinity: so many per host"
        )
        return parser

    def take_action(self, args: argparse.Namespace) -> Any:
        group: dict[str, Any] = {"name": args.name, "policy": args.policy}
        if args.max_per_host is not None:
            group["rules"] = {"max_server_per_host": args.max_per_host}
        return fields(self.api.post("/os-server-groups", {"server_group": group})["server_group"])


class DeleteGroup(Do):
    """Delete server groups; their servers stay.

    Example: nova-lite server group delete fronts backs
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("group", nargs="+", help="name or id")
        return parser

    def take_action(self, args: argparse.Namespace) -> None:
        def delete(wanted: str) -> None:
            self.api.delete(f"/os-server-groups/{_find(self.api, wanted)['id']}")

        for_each("server groups", args.group, delete)
