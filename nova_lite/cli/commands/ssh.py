# SPDX-License-Identifier: Apache-2.0
"""Logging in on servers."""

import argparse
import os
import shlex
import shutil
import subprocess
import sys
from typing import Any, Final, NamedTuple

from nova_lite.cli.errors import CommandError, Refused, SetupError, UsageError
from nova_lite.cli.output import Do

PROGRAM: Final = "ssh"
CONFLICT: Final = 409
RUNS: Final = ("ACTIVE", "RESCUE", "VERIFY_RESIZE")
CONNECT: Final = 10  # seconds to reach an address that may be one of the inside alone
NO_CONNECTION: Final = 255  # how ssh ends on errors of its own


class Way(NamedTuple):
    """`inside`: a fixed address, which may be reached from its network alone."""

    address: str
    port: int
    inside: bool = False


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
        # unlike REMAINDER, this leaves options between the two to us
        command = parser.add_argument(
            "command",
            nargs=argparse.PARSER,
            default=[],
            help="what to run there, with its options; by default a shell",
        )
        command.required = False
        return parser

    def take_action(self, args: argparse.Namespace) -> int:
        if args.login.startswith("-"):
            raise UsageError(f"{args.login!r} is no user")
        server = self.api.server(args.server)
        way = self._way_to(server)
        words = ssh_words(server["id"], way, args)
        if args.only_print:
            self.app.stdout.write(shlex.join(words) + "\n")
            return 0
        if shutil.which(PROGRAM) is None:
            raise SetupError("ssh is not installed (Debian: apt-get install openssh-client)")
        self.app.stdout.flush()
        if not way.inside:
            os.execvp(PROGRAM, words)
        code = subprocess.call(words)
        if code == NO_CONNECTION:
            print(advice(server["name"], way.address), file=sys.stderr)
        return code

    def _way_to(self, server: dict[str, Any]) -> Way:
        try:
            found = self.api.get(f"/servers/{server['id']}/ssh")["ssh"]
        except Refused as error:
            if error.status != CONFLICT:
                raise
            return way_to(self.api.get(f"/servers/{server['id']}")["server"])
        return Way(str(found["address"]), int(found["port"]))


def ssh_words(server_id: str, way: Way, args: argparse.Namespace) -> list[str]:
    """What is run. The keys of hosts are remembered by server: ports and addresses go from one
    to the next."""
    words = [PROGRAM, "-p", str(way.port), "-l", args.login, "-o", f"HostKeyAlias={server_id}"]
    if args.identity:
        words += ["-i", args.identity, "-o", "IdentitiesOnly=yes"]
    for option in args.option:
        words += ["-o", option]
    if way.inside:
        words += ["-o", f"ConnectTimeout={CONNECT}"]  # the first of several is taken: theirs
    command = args.command[1:] if args.command[:1] == ["--"] else args.command
    return [*words, "--", way.address, *command]


def advice(name: str, address: str) -> str:
    return (
        f"{address} is a fixed address of server {name}. Where it cannot be reached from "
        f"here, give it a floating IP: nova-lite floating ip create EXTERNAL-NETWORK; "
        f"nova-lite server add floating ip {name} ADDRESS"
    )


def way_to(server: dict[str, Any]) -> Way:
    """The first floating address of a server that runs, else its first fixed one. Raises
    CommandError."""
    name = server["name"]
    if server["status"] not in RUNS:
        raise CommandError(f"server {name} is {server['status']}")
    entries = [entry for found in server["addresses"].values() for entry in found]
    for kind in ("floating", "fixed"):
        for entry in entries:
            if entry.get("OS-EXT-IPS:type") == kind:
                return Way(str(entry["addr"]), 22, inside=kind == "fixed")
    raise CommandError(f"server {name} has no address, and no port of its host leads to it")
