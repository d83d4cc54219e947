# SPDX-License-Identifier: Apache-2.0
"""What is done inside of servers, or asked of their hypervisor."""

import argparse
import getpass
import sys
from typing import Any

from nova_lite.cli.each import for_each
from nova_lite.cli.errors import UsageError
from nova_lite.cli.output import Do, ShowIt, fields


class SetPassword(Do):
    """Change the password of a server's administrator.

    The password is asked for, or read from standard input: it never stands in the list of
    processes. The guest needs its agent.

    Example: nova-lite server password set web < file
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("server", help="name or id")
        return parser

    def take_action(self, args: argparse.Namespace) -> None:
        body = {"changePassword": {"adminPass": _password()}}
        self.api.post(f"/servers/{self.api.server(args.server)['id']}/action", body)


def _password() -> str:
    if not sys.stdin.isatty():
        word = sys.stdin.readline().rstrip("\n")
    else:
        word = getpass.getpass("New password: ")
        if word != getpass.getpass("Again: "):
            raise UsageError("the two are not the same")
    if not word:
        raise UsageError("the password is empty")
    return word


class CreateDump(Do):
    """Make servers crash, so that their kernels write a dump (where they are set up for it).

    Example: nova-lite server dump create web
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("server", nargs="+", help="name or id")
        return parser

    def take_action(self, args: argparse.Namespace) -> None:
        def crash(wanted: str) -> None:
            path = f"/servers/{self.api.server(wanted)['id']}/action"
            self.api.post(path, {"trigger_crash_dump": None})

        for_each("servers", args.server, crash)


class ShowDiagnostics(ShowIt):
    """Show what the hypervisor says of a server (admins only).

    Example: nova-lite server diagnostics web
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("server", help="name or id")
        return parser

    def take_action(self, args: argparse.Namespace) -> Any:
        found = self.api.get(f"/servers/{self.api.server(args.server)['id']}/diagnostics")
        return fields(found)
