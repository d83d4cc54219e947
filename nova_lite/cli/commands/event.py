# SPDX-License-Identifier: Apache-2.0
"""What was done to a server: instance actions and their events."""

import argparse
from typing import Any
from urllib.parse import quote

from nova_lite.cli.errors import Refused
from nova_lite.cli.output import ListThem, rows


def _server_id(api: Any, wanted: str) -> str:
    """The id of a server; a deleted one is only known by its id."""
    try:
        return api.server(wanted)["id"]
    except Refused as exc:
        if exc.status == 404:
            return wanted
        raise


class ListEvents(ListThem):
    """List what was asked of a server, newest first (also of a deleted one, by id).

    Example: nova-lite server event list web
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("server", help="name or id")
        return parser

    def take_action(self, args: argparse.Namespace) -> Any:
        path = f"/servers/{_server_id(self.api, args.server)}/os-instance-actions"
        found = self.api.get(path)["instanceActions"]
        return rows(
            ["Request ID", "Action", "Start", "Result"],
            ["request_id", "action", "start_time", "message"],
            found,
        )


class ShowEvent(ListThem):
    """Show the steps of one request on a server.

    Example: nova-lite server event show web req-3b2a2f0c-3f5e-4d0b-8f5a-0d6f4d1c9e77
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("server", help="name or id")
        parser.add_argument("request", help="request id, from 'server event list'")
        return parser

    def take_action(self, args: argparse.Namespace) -> Any:
        uuid = _server_id(self.api, args.server)
        found = self.api.get(f"/servers/{uuid}/os-instance-actions/{quote(args.request, safe='')}")
        events = found["instanceAction"].get("events", [])
        return rows(
            ["Event", "Start", "Finish", "Result", "Host", "Details"],
            ["event", "start_time", "finish_time", "result", "host", "details"],
            events,
        )
