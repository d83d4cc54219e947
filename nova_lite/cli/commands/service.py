# SPDX-License-Identifier: Apache-2.0
"""Services: the daemons that report."""

import argparse
from typing import Any

from nova_lite.cli.each import for_each
from nova_lite.cli.errors import Refused, UsageError
from nova_lite.cli.output import Do, ListThem, rows


def _find(api: Any, wanted: str) -> dict[str, Any]:
    found = api.get("/os-services")["services"]
    for service in found:
        if service["id"] == wanted:
            return service
    named = [s for s in found if s["host"] == wanted and s["binary"] == "nova-compute"]
    if len(named) == 1:
        return named[0]
    raise Refused(f"no service with id {wanted!r} and no compute service on such a host", 404)


class ListServices(ListThem):
    """List services.

    Example: nova-lite service list
    """

    def take_action(self, args: argparse.Namespace) -> Any:
        found = self.api.get("/os-services")["services"]
        return rows(
            ["ID", "Binary", "Host", "Zone", "Status", "State", "Updated At", "Reason"],
            ["id", "binary", "host", "zone", "status", "state", "updated_at", "disabled_reason"],
            found,
        )


class SetService(Do):
    """Enable or disable a compute service, or force it down.

    Example: nova-lite service set --disable --reason "new disks" compute1
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("service", help="id, or host of a compute service")
        state = parser.add_mutually_exclusive_group()
        state.add_argument("--enable", action="store_true")
        state.add_argument("--disable", action="store_true")
        parser.add_argument("--reason", help="why it is disabled")
        force = parser.add_mutually_exclusive_group()
        force.add_argument("--down", action="store_true", help="treat it as down")
        force.add_argument("--up", action="store_true", help="believe its reports again")
        return parser

    def take_action(self, args: argparse.Namespace) -> None:
        body: dict[str, Any] = {}
        if args.enable or args.disable:
            body["status"] = "enabled" if args.enable else "disabled"
        if args.reason:
            if not args.disable:
                raise UsageError("--reason goes with --disable")
            body["disabled_reason"] = args.reason
        if args.down or args.up:
            body["forced_down"] = bool(args.down)
        if not body:
            raise UsageError("nothing to change: give --enable, --disable, --down or --up")
        self.api.put(f"/os-services/{_find(self.api, args.service)['id']}", body)


class DeleteService(Do):
    """Forget services whose host is gone for good.

    Example: nova-lite service delete compute1
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("service", nargs="+", help="id, or host of a compute service")
        return parser

    def take_action(self, args: argparse.Namespace) -> None:
        def delete(wanted: str) -> None:
            self.api.delete(f"/os-services/{_find(self.api, wanted)['id']}")

        for_each("services", args.service, delete)
