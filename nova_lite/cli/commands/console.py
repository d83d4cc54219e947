# SPDX-License-Identifier: Apache-2.0
"""Consoles."""

import argparse
import webbrowser
from typing import Any

from nova_lite.cli.errors import CommandError
from nova_lite.cli.output import Do, ShowIt, fields

# What is called how: type -> protocol of the API.
TYPES = {
    "novnc": "vnc",
    "spice-html5": "spice",
    "spice-direct": "spice",
    "serial": "serial",
}


def add_type(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("server", help="name or id")
    parser.add_argument("--type", choices=tuple(TYPES), default="novnc")


def link_of(api: Any, server: str, kind: str) -> dict[str, Any]:
    """A new link to a console: protocol, type, url."""
    body = {"remote_console": {"protocol": TYPES[kind], "type": kind}}
    found = api.post(f"/servers/{api.server(server)['id']}/remote-consoles", body)
    return dict(found["remote_console"])


def page_of(url: str) -> str:
    """The address that shows a link in a browser."""
    scheme, colon, rest = url.partition(":")
    return {"ws": "http", "wss": "https"}.get(scheme, scheme) + colon + rest


class ConsoleShow(ShowIt):
    """Get a link to a server's console. Whoever has the link has the console.

    Example: nova-lite console show web -f value -c page
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        add_type(parser)
        return parser

    def take_action(self, args: argparse.Namespace) -> Any:
        link = link_of(self.api, args.server, args.type)
        return fields({**link, "page": page_of(link["url"])})


class ConsoleOpen(Do):
    """Open a server's console in a browser.

    Example: nova-lite console open --type serial web
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        add_type(parser)
        return parser

    def take_action(self, args: argparse.Namespace) -> None:
        page = page_of(link_of(self.api, args.server, args.type)["url"])
        if not webbrowser.open(page):
            raise CommandError(f"there is no browser here; the page is {page}")


class ConsoleLog(Do):
    """Print the end of a server's console log.

    Example: nova-lite console log --lines 20 web
    """

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
