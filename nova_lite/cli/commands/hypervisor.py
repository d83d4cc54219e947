# SPDX-License-Identifier: Apache-2.0
"""Hypervisors."""

import argparse
from typing import Any

from nova_lite.cli.errors import Refused
from nova_lite.cli.output import ListThem, ShowIt, Told, fields, rows


class ListHypervisors(ListThem):
    """List hypervisors.

    Example: nova-lite hypervisor list
    """

    def take_action(self, args: argparse.Namespace) -> Any:
        found = self.api.pages("/os-hypervisors/detail", "hypervisors")
        return rows(
            ["ID", "Hypervisor Hostname", "Type", "Host IP", "State", "Status"],
            ["id", "hypervisor_hostname", "hypervisor_type", "host_ip", "state", "status"],
            found,
        )


class ShowHypervisor(ShowIt):
    """Show a hypervisor and the servers on it.

    Example: nova-lite hypervisor show compute1 -f json
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("hypervisor", help="id or host name")
        return parser

    def take_action(self, args: argparse.Namespace) -> Any:
        found = list(self.api.pages("/os-hypervisors", "hypervisors"))
        for item in found:
            if args.hypervisor in (item["id"], item["hypervisor_hostname"]):
                path = f"/os-hypervisors/{item['id']}"
                shown = self.api.get(path, with_servers="true")["hypervisor"]
                servers = shown.get("servers", [])
                shown["servers"] = Told(servers, ", ".join(s["uuid"] for s in servers))
                return fields(shown)
        raise Refused(f"no hypervisor with id or host name {args.hypervisor!r}", 404)
