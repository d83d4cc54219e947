# SPDX-License-Identifier: Apache-2.0
"""What is done to a server with one word: start, stop, reboot, pause, ..."""

import argparse
from collections.abc import Sequence
from typing import Any, ClassVar

from nova_lite.cli.each import Rest, for_each
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
        body, until = {self.action: self.body(args)}, self.until

        def act(wanted: str) -> Rest | None:
            server = self.api.server(wanted)
            self.answered(server, self.api.post(f"/servers/{server['id']}/action", body))
            if until is None or not args.wait:
                return None
            return lambda: wait_until(self.api, server, until, args.timeout, self.also)

        for_each("servers", args.server, act)


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
    """Start servers that are stopped.

    Example: nova-lite server start --wait web db
    """

    action, until = "os-start", "ACTIVE"


class StopServer(Verb):
    """Stop servers: ask the guest to power off, cut the power when it does not.

    Example: nova-lite server stop --wait web db
    """

    action, until = "os-stop", "SHUTOFF"


class PauseServer(Verb):
    """Freeze servers; their memory stays where it is.

    Example: nova-lite server pause --wait web
    """

    action, until = "pause", "PAUSED"


class UnpauseServer(Verb):
    """Let paused servers go on.

    Example: nova-lite server unpause --wait web
    """

    action, until = "unpause", "ACTIVE"


class SuspendServer(Verb):
    """Write the memory of servers to disk and stop them.

    Example: nova-lite server suspend --wait web
    """

    action, until = "suspend", "SUSPENDED"


class ResumeServer(Verb):
    """Let suspended servers go on.

    Example: nova-lite server resume --wait web
    """

    action, until = "resume", "ACTIVE"


class RestoreServer(Verb):
    """Bring back servers that were deleted a short while ago.

    Example: nova-lite server restore --wait 7f0b45f2-3c0e-4c58-9d8c-2f6a6a2b3c11
    """

    action, until = "restore", "ACTIVE"


class RebootServer(Verb):
    """Reboot servers; --hard does not ask the guest.

    Example: nova-lite server reboot --hard --wait web
    """

    action, until = "reboot", "ACTIVE"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("--hard", action="store_true", help="as if by the reset button")
        return parser

    def body(self, args: argparse.Namespace) -> Any:
        return {"type": "HARD" if args.hard else "SOFT"}


class LockServer(Verb):
    """Guard servers against changes by those who are not admin.

    Example: nova-lite server lock --reason "do not touch" web
    """

    action = "lock"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("--reason", help="shown with the server")
        return parser

    def body(self, args: argparse.Namespace) -> Any:
        return {"locked_reason": args.reason} if args.reason else None


class UnlockServer(Verb):
    """Take the lock off.

    Example: nova-lite server unlock web
    """

    action = "unlock"
