# SPDX-License-Identifier: Apache-2.0
"""Consoles."""

import argparse

from nova_lite.cli.output import Do


class ConsoleLog(Do):
    """Print the end of a server's console log."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("server", help="name or id")
        parser.add_argument("--lines", type=int, metavar="N", help="only the last N lines")
        return parser

    def take_action(self, args: argparse.Namespace) -> None:
        server = self.api.server(args.server)
        wish = {} if args.lines is None else {"length": args.lines}
        path = f"/servers/{server['id']}/action"
        self.app.stdout.write(self.api.post(path, {"os-getConsoleOutput": wish})["output"])
        self.app.stdout.write("\n")
