# SPDX-License-Identifier: Apache-2.0
"""What is done to a server with one word: start, stop, reboot, pause, ..."""

import argparse
from collections.abc import Sequence
from typing import Any, ClassVar

from nova_lite.cli.errors import EndedInError
from nova_lite.cli.http import Api
from nova_lite.cli.output import Do, wait_for


class Verb(Do):
    """POST /servers/{id}/action for each server named; with --wait until `until`."""

    action: ClassVar[str]
    until: ClassVar[str | None] = None
    also: ClassVar[tuple[str, ...]] = ()  # other good ends

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("server", nargs="+", help="name or id")
        if self.until is not None:
            parser.add_argument("--wait", action="store_true", help=f"wait for {self.until}")
            parser.add_argument("--timeout", type=float, default=600, metavar="SECONDS")
        return parser

    def body(self, args: argparse.Namespace) -> Any:
        return None

    def answered(self, server: dict[str, Any], answer: Any) -> None:
        """What the call said, where that is something for people."""

    def take_action(self, args: argparse.Namespace) -> None:
        for wanted in args.server:
            server = self.api.server(wanted)
            path = f"/servers/{server['id']}/action"
            self.answered(server, self.api.post(path, {self.action: self.body(args)}))
            if self.until is not None and args.wait:
                wait_until(self.api, server, self.until, args.timeout, self.also)


def wait_until(
    api: Api, server: dict[str, Any], until: str, timeout: float, also: Sequence[str] = ()
) -> None:
    """Until nothing is done with the server any more. Raises EndedInError when it is not
    `until` then, nor one of `also`; TookTooLong."""

    def look() -> tuple[str, bool]:
        now = api.get(f"/servers/{server['id']}")["server"]
        task = now.get("OS-EXT-STS:task_state")
        if now["status"] == "ERROR" and task is None:
            why = (now.get("fault") or {}).get("message", "no fault is recorded")
            raise EndedInError(f"server {server['name']} is in ERROR: {why}")
        if task is None and now["status"] not in (until, *also):
            raise EndedInError(
                f"server {server['name']} is {now['status']}, not {until}: "
                f"see 'nova-lite server event list {server['id']}'"
            )
        return f"{now['status']} {task or ''}".strip(), task is None

    wait_for(f"server {server['name']}", look, timeout)


class StartServer(Verb):
    """Start servers that are stopped."""

    action, until = "os-start", "ACTIVE"


class StopServer(Verb):
    """Stop servers: ask the guest to power off, cut the power when it does not."""

    action, until = "os-stop", "SHUTOFF"


class PauseServer(Verb):
    """Freeze servers; their memory stays where it is."""

    action, until = "pause", "PAUSED"


class UnpauseServer(Verb):
    """Let paused servers go on."""

    action, until = "unpause", "ACTIVE"


class SuspendServer(Verb):
    """Write the memory of servers to disk and stop them."""

    action, until = "suspend", "SUSPENDED"


class ResumeServer(Verb):
    """Let suspended servers go on."""

    action, until = "resume", "ACTIVE"


class RestoreServer(Verb):
    """Bring back servers that were deleted a short while ago."""

    action, until = "restore", "ACTIVE"


class RebootServer(Verb):
    """Reboot servers; --hard does not ask the guest."""

    action, until = "reboot", "ACTIVE"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("--hard", action="store_true", help="as if by the reset button")
        return parser

    def body(self, args: argparse.Namespace) -> Any:
        return {"type": "HARD" if args.hard else "SOFT"}


class LockServer(Verb):
    """Guard servers against changes by those who are not admin."""

    action = "lock"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("--reason", help="shown with the server")
        return parser

    def body(self, args: argparse.Namespace) -> Any:
        return {"locked_reason": args.reason} if args.reason else None


class UnlockServer(Verb):
    """Take the lock off."""

    action = "unlock"
