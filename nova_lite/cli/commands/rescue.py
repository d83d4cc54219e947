# SPDX-License-Identifier: Apache-2.0
"""Servers that boot from another disk for a while."""

import argparse
from typing import Any

from nova_lite.cli.commands.verb import Verb


class RescueServer(Verb):
    """Boot a server from another image, with its own disk beside it, to mend that.

    Prints the password that the cloud gives it, where it gives one.

    Example: nova-lite server rescue --image rescue --wait web
    """

    action, until = "rescue", "RESCUE"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("--image", help="name or id; else the cloud's choice")
        return parser

    def body(self, args: argparse.Namespace) -> Any:
        if not args.image:
            return None
        return {"rescue_image_ref": self.api.image_named(args.image)["id"]}

    def answered(self, server: dict[str, Any], answer: Any) -> None:
        word = (answer or {}).get("adminPass")
        if word:
            print(f"{server['name']}: {word}")


class UnrescueServer(Verb):
    """Boot rescued servers from their own disks again.

    Example: nova-lite server unrescue --wait web
    """

    action, until = "unrescue", "ACTIVE"
