# SPDX-License-Identifier: Apache-2.0
"""Logging in on servers."""

import argparse
import os
import shlex
import shutil
from typing import Any, Final

from nova_lite.cli.errors import CommandError, Refused, SetupError, UsageError
from nova_lite.cli.output import Do

PROGRAM: Final = "ssh"
CONFLICT: Final = 409
RUNS: Final = ("ACTIVE", "RESCUE", "VERIFY_RESIZE")


class SshServer(Do):
    """Log in on a server by ssh.

    A server in user mode is reached through a port of its host, any other one at its floating
    or its fixed address.

    Example: nova-lite server ssh -i key web uptime
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("-l", "--login", default="root", help="user (default root)")
        parser.add_argument("-i", "--identity", metavar="FILE", help="private key")
        parser.add_argument(
            "-o", "--option", action="append", default=[], metavar="OPTION", help="for ssh"
        )
        parser.add_argument(
            "--print", action="store_true", dest="only_print", help="say how, and do nothing"
        )
        parser.add_argument("server", help="name or id")
        parser.add_argument(
            "command", nargs="*", help="what to run there; after -- where it has options"
        )
        return parser

    def take_action(self, args: argparse.Namespace) -> None:
        if args.login.startswith("-"):
            raise UsageError(f"{args.login!r} is no user")
        server = self.api.server(args.server)
        address, port = self._way_to(server)
        words = ssh_words(server["id"], address, port, args)
        if args.only_print:
            self.app.stdout.write(shlex.join(words) + "\n")
            return
        if shutil.which(PROGRAM) is None:
            raise SetupError("ssh is not installed (Debian: apt-get install openssh-client)")
        self.app.stdout.flush()
        os.execvp(PROGRAM, words)

    def _way_to(self, server: dict[str, Any]) -> tuple[str, int]:
        try:
            found = self.api.get(f"/servers/{server['id']}/ssh")["ssh"]
        except Refused as error:
            if error.status != CONFLICT:
                raise
            address = address_of(self.api.get(f"/servers/{server['id']}")["server"])
            if address is None:
                raise
            return address, 22
        return str(found["address"]), int(found["port"])


def ssh_words(server_id: str, address: str, port: int, args: argparse.Namespace) -> list[str]:
    """What is run. The keys of hosts are remembered by server: ports and addresses go from one
    to the next."""
    words = [PROGRAM, "-p", str(port), "-l", args.login, "-o", f"HostKeyAlias={server_id}"]
    if args.identity:
        words += ["-i", args.identity, "-o", "IdentitiesOnly=yes"]
    for option in args.option:
        words += ["-o", option]
    return [*words, "--", address, *args.command]


def address_of(server: dict[str, Any]) -> str | None:
    """The first floating address of a server that runs, else its first fixed one."""
    if server["status"] not in RUNS:
        raise CommandError(f"server {server['name']} is {server['status']}")
    entries = [entry for found in server["addresses"].values() for entry in found]
    for kind in ("floating", "fixed"):
        for entry in entries:
            if entry.get("OS-EXT-IPS:type") == kind:
                return str(entry["addr"])
    return None
