# SPDX-License-Identifier: Apache-2.0
"""Servers on the shelf: off, kept as an image, and without a host."""

import argparse
from typing import Any, ClassVar

from nova_lite.cli.commands.verb import Verb


class ShelveServer(Verb):
    """Stop servers and keep their disks as images, so that others can have their hosts.

    With --wait until they are shelved, wherever the cloud keeps them.

    Example: nova-lite server shelve --wait web
    """

    action = "shelve"
    until: ClassVar[str | None] = "SHELVED_OFFLOADED"
    also = ("SHELVED",)


class OffloadServer(Verb):
    """Take shelved servers off their hosts at once (admins).

    Example: nova-lite server shelve offload --wait web
    """

    action, until = "shelveOffload", "SHELVED_OFFLOADED"


class UnshelveServer(Verb):
    """Bring shelved servers back.

    Example: nova-lite server unshelve --availability-zone north --wait web
    """

    action, until = "unshelve", "ACTIVE"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        zone = parser.add_mutually_exclusive_group()
        zone.add_argument("--availability-zone", metavar="ZONE", help="and pin it to that zone")
        zone.add_argument(
            "--no-availability-zone",
            action="store_true",
            help="wherever there is room, from now on",
        )
        parser.add_argument("--host", help="that host (admins)")
        return parser

    def body(self, args: argparse.Namespace) -> Any:
        wish: dict[str, Any] = {}
        if args.availability_zone or args.no_availability_zone:
            wish["availability_zone"] = args.availability_zone
        if args.host:
            wish["host"] = args.host
        return wish or None
