# SPDX-License-Identifier: Apache-2.0
"""Quota and limits."""

import argparse
from typing import Any
from urllib.parse import quote

from nova_lite.cli.errors import UsageError
from nova_lite.cli.output import Do, ListThem, ShowIt
from nova_lite.cli.projects import project_id

NAMES = (
    "instances",
    "cores",
    "ram",
    "metadata_items",
    "key_pairs",
    "server_groups",
    "server_group_members",
)


def _project(api: Any, named: str | None) -> str:
    found = project_id(api, named, gone=True) if named else api.project_id()
    if not found:
        raise UsageError("name the project: --project NAME-OR-ID")
    return str(found)


class ShowQuota(ListThem):
    """Show limits and use of a project (yours unless named).

    Example: nova-lite quota show -f json
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("--project", help="name or id")
        return parser

    def take_action(self, args: argparse.Namespace) -> Any:
        path = f"/os-quota-sets/{quote(_project(self.api, args.project), safe='')}/detail"
        found = self.api.get(path)["quota_set"]
        shown = [(n, found[n]["limit"], found[n]["in_use"]) for n in NAMES if n in found]
        return ["Resource", "Limit", "In Use"], shown


class SetQuota(Do):
    """Set limits of a project; -1 is unlimited.

    Example: nova-lite quota set --instances 20 --ram -1 demo
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("project", help="name or id")
        parser.add_argument("--force", action="store_true", help="also below what is in use")
        for name in NAMES:
            parser.add_argument(f"--{name.replace('_', '-')}", dest=name, type=int, metavar="N")
        return parser

    def take_action(self, args: argparse.Namespace) -> None:
        limits = {n: getattr(args, n) for n in NAMES if getattr(args, n) is not None}
        if not limits:
            raise UsageError("nothing to set: give --instances, --cores, --ram, ...")
        body = {**limits, "force": True} if args.force else limits
        project = project_id(self.api, args.project)
        self.api.put(f"/os-quota-sets/{quote(project, safe='')}", {"quota_set": body})


class DeleteQuota(Do):
    """Go back to the default limits, also of a project that is gone (by its id).

    Example: nova-lite quota delete 0f3c6d8b7a5e4c21b9d0e1f2a3b4c5d6
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("project", help="name or id")
        return parser

    def take_action(self, args: argparse.Namespace) -> None:
        project = project_id(self.api, args.project, gone=True)
        self.api.delete(f"/os-quota-sets/{quote(project, safe='')}")


class ShowLimits(ShowIt):
    """Show what your project may use and uses.

    Example: nova-lite limits -f json
    """

    def take_action(self, args: argparse.Namespace) -> Any:
        found = self.api.get("/limits")["limits"]["absolute"]
        return sorted(found), [found[name] for name in sorted(found)]
