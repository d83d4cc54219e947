# SPDX-License-Identifier: Apache-2.0
"""Flavors."""

import argparse
from typing import Any
from urllib.parse import quote

from nova_lite.cli.commands.server import key_values
from nova_lite.cli.each import for_each
from nova_lite.cli.output import Do, ListThem, ShowIt, fields, rows
from nova_lite.cli.projects import project_id


class ListFlavors(ListThem):
    """List flavors.

    Example: nova-lite flavor list --all
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("--all", action="store_true", help="also private ones (admins)")
        return parser

    def take_action(self, args: argparse.Namespace) -> Any:
        wanted = "None" if args.all else None
        found = self.api.pages("/flavors/detail", "flavors", is_public=wanted)
        return rows(
            ["ID", "Name", "RAM (MiB)", "Disk (GiB)", "Ephemeral (GiB)", "VCPUs", "Public"],
            ["id", "name", "ram", "disk", "OS-FLV-EXT-DATA:ephemeral", "vcpus",
             "os-flavor-access:is_public"],
            found,
        )  # fmt: skip


class ShowFlavor(ShowIt):
    """Show a flavor.

    Example: nova-lite flavor show m1.tiny
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("flavor", help="name or id")
        return parser

    def take_action(self, args: argparse.Namespace) -> Any:
        return fields(self.api.flavor(args.flavor))


class CreateFlavor(ShowIt):
    """Create a flavor.

    Example: nova-lite flavor create --ram 256 --disk 1 --property hw:cpu_cores=1 m1.tiny
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        add = parser.add_argument
        add("name")
        add("--id", default="auto", help="default: a new uuid")
        add("--ram", type=int, default=256, metavar="MIB")
        add("--disk", type=int, default=0, metavar="GIB")
        add("--ephemeral", type=int, default=0, metavar="GIB")
        add("--swap", type=int, default=0, metavar="MIB")
        add("--vcpus", type=int, default=1)
        add("--private", action="store_true", help="only for projects given access")
        add("--description")
        add("--property", action="append", default=[], metavar="KEY=VALUE", help="repeatable")
        return parser

    def take_action(self, args: argparse.Namespace) -> Any:
        flavor = {
            "name": args.name,
            "id": args.id,
            "ram": args.ram,
            "disk": args.disk,
            "OS-FLV-EXT-DATA:ephemeral": args.ephemeral,
            "swap": args.swap,
            "vcpus": args.vcpus,
            "os-flavor-access:is_public": not args.private,
            "description": args.description,
        }
        specs = key_values(args.property)
        made = self.api.post("/flavors", {"flavor": flavor})["flavor"]
        if specs:
            path = f"/flavors/{made['id']}/os-extra_specs"
            made["extra_specs"] = self.api.post(path, {"extra_specs": specs})["extra_specs"]
        return fields(made)


class SetFlavor(Do):
    """Set properties (extra specs), the description, or give a project access.

    Example: nova-lite flavor set --property hw:watchdog_action=reset m1.tiny
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("flavor", help="name or id")
        parser.add_argument("--property", action="append", default=[], metavar="KEY=VALUE")
        parser.add_argument("--description")
        parser.add_argument("--project", help="to give access to; name or id")
        return parser

    def take_action(self, args: argparse.Namespace) -> None:
        path = f"/flavors/{self.api.flavor(args.flavor)['id']}"
        specs = key_values(args.property)
        if specs:
            self.api.post(f"{path}/os-extra_specs", {"extra_specs": specs})
        if args.description is not None:
            self.api.put(path, {"flavor": {"description": args.description}})
        if args.project:
            tenant = project_id(self.api, args.project)
            self.api.post(f"{path}/action", {"addTenantAccess": {"tenant": tenant}})


class UnsetFlavor(Do):
    """Remove properties, or take a project's access away.

    Example: nova-lite flavor unset --property hw:watchdog_action m1.tiny
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("flavor", help="name or id")
        parser.add_argument("--property", action="append", default=[], metavar="KEY")
        parser.add_argument("--project", help="to take access from; name or id")
        return parser

    def take_action(self, args: argparse.Namespace) -> None:
        path = f"/flavors/{self.api.flavor(args.flavor)['id']}"
        for key in args.property:
            self.api.delete(f"{path}/os-extra_specs/{quote(key, safe='')}")
        if args.project:
            tenant = project_id(self.api, args.project, gone=True)
            self.api.post(f"{path}/action", {"removeTenantAccess": {"tenant": tenant}})


class DeleteFlavor(Do):
    """Delete flavors; servers made of them keep what they have.

    Example: nova-lite flavor delete m1.tiny m1.small
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("flavor", nargs="+", help="name or id")
        return parser

    def take_action(self, args: argparse.Namespace) -> None:
        def delete(wanted: str) -> None:
            self.api.delete(f"/flavors/{self.api.flavor(wanted)['id']}")

        for_each("flavors", args.flavor, delete)
