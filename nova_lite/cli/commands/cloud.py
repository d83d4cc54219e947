# SPDX-License-Identifier: Apache-2.0
"""A whole cloud in one process: up, down, status."""

import argparse
import errno
import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from nova_lite.cli.errors import (
    CommandError,
    NotRunning,
    Refused,
    SetupError,
    TookTooLong,
    Unreachable,
)
from nova_lite.cli.http import CLOUD, Api, data_folder
from nova_lite.cli.output import Do, ShowIt, wait_for
from nova_lite.cli.process import EmbeddedProcess

PORT = 8774


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data",
        type=Path,
        default=None,
        metavar="DIR",
        help="folder that holds everything (default $NOVA_LITE_HOME or ~/.local/share/nova-lite)",
    )


def _folder(args: argparse.Namespace) -> Path:
    return (args.data or data_folder()).expanduser().resolve()


def _healthy(port: int, address: str = "127.0.0.1") -> bool:
    import requests

    try:
        answer = requests.get(f"http://{address}:{port}/healthcheck", timeout=2)
    except requests.RequestException:
        return False
    return answer.status_code == 200


def _place(folder: Path) -> SplitResult | None:
    """Where the folder's clouds.yaml says that the API is, None where it does not (yet)."""
    try:
        cloud = json.loads((folder / "clouds.yaml").read_text())["clouds"][CLOUD]
        place = urlsplit(cloud["compute_endpoint_override"])
        _ = place.port  # a ValueError where that is no port
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return place


def _answers(folder: Path) -> bool:
    """Whether the API answers there."""
    place = _place(folder)
    return place is not None and _healthy(place.port or PORT, place.hostname or "127.0.0.1")


def last_port(folder: Path) -> int:
    """The one that this cloud had the last time; the default for a new one."""
    place = _place(folder)
    return (place.port if place else None) or PORT


def is_taken(listen: str, port: int) -> bool:
    """Whether something listens there already. What else may be wrong is told by who tries."""
    try:
        family, kind, number, _, address = socket.getaddrinfo(
            listen, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, number) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        return error.errno == errno.EADDRINUSE
    return False


class Up(Do):
    """Start every service in one process, on SQLite, with guests on libvirt or faked.

    Data lives under one folder and survives down and up. Writes clouds.yaml there.

    Example: nova-lite up --driver fake --port 28774 --data ~/cloud
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        _add_data(parser)
        add = parser.add_argument
        add("--driver", choices=("auto", "libvirt", "fake"), default="auto",
            help="auto: libvirt where it works, else fake with a warning")  # fmt: skip
        add("--listen", default="127.0.0.1", metavar="ADDRESS")
        add("--port", type=int, metavar="PORT",
            help=f"default: the one of the last time, at first {PORT}")  # fmt: skip
        add("--timeout", type=float, default=60, metavar="SECONDS")
        return parser

    def take_action(self, args: argparse.Namespace) -> None:
        folder = _folder(args)
        process = EmbeddedProcess(folder)
        port = last_port(folder) if args.port is None else args.port
        if process.pid() is None and is_taken(args.listen, port):
            raise SetupError(f"something else listens on port {port}; choose --port")
        settings = ["--driver", args.driver, "--listen", args.listen, "--port", str(port)]
        with process.starting():
            pid = process.pid()
            child = process.start(settings) if pid is None else None
        if child is None:
            print(f"already running as process {pid}")
            self._wait(process, args, lambda: (process.pid() is None, _answers(folder)))
        else:
            address = "127.0.0.1" if args.listen in ("0.0.0.0", "::") else args.listen
            self._wait(process, args, lambda: (child.poll() is not None, _healthy(port, address)))
        self._say_what_next(folder)

    def _wait(
        self,
        process: EmbeddedProcess,
        args: argparse.Namespace,
        seen: Callable[[], tuple[bool, bool]],
    ) -> None:
        """Until it answers. seen -> (whether it has ended, whether it answers)."""

        def look() -> tuple[str, bool]:
            ended, answers = seen()
            if ended:
                raise SetupError(f"it did not start:\n{process.last_words()}\nlog: {process.log}")
            return "starting", answers

        try:
            wait_for("nova-lite", look, args.timeout)
        except TookTooLong as error:
            raise TookTooLong(
                f"{error}; it goes on trying. Its last words:\n{process.last_words()}\n"
                f"log: {process.log}"
            ) from None

    def _say_what_next(self, folder: Path) -> None:
        warning = folder / "run" / "warning"
        if warning.exists():
            print(f"WARNING: {warning.read_text().strip()}")
        print(
            f"nova-lite is up; data in {folder}\n"
            f"  export OS_CLIENT_CONFIG_FILE={folder}/clouds.yaml OS_CLOUD={CLOUD}\n"
            "  openstack server list          # or: nova-lite server list\n"
            "  nova-lite down                 # to stop it"
        )


class Down(Do):
    """Stop what `up` started. Guests on libvirt keep running, and keep their network; the data
    stays.

    Example: nova-lite down --data ~/cloud
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        _add_data(parser)
        add = parser.add_argument
        words = "take the built-in network away, too: guests that run have none until the next up"
        add("--network", action="store_true", help=words)
        add("--timeout", type=float, default=60, metavar="SECONDS")
        return parser

    def take_action(self, args: argparse.Namespace) -> None:
        process = EmbeddedProcess(_folder(args))
        was_there = process.stop(args.timeout)
        print("nova-lite is down" if was_there else "nova-lite was not running")
        if args.network:
            process.remove_network()
        elif process.has_network():
            print("The network of its guests stays; 'nova-lite down --network' takes it away.")


class Status(ShowIt):
    """Say what runs and whether it answers.

    The exit code is 0 when the API answers, 3 when nothing runs, 4 when the process runs and the
    API does not answer (yet), 1 when the API refuses to list its services.

    Example: nova-lite status -f json
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        _add_data(parser)
        return parser

    def take_action(self, args: argparse.Namespace) -> Any:
        folder = _folder(args)
        pid = EmbeddedProcess(folder).pid()
        shown: dict[str, Any] = {
            "data folder": str(folder) if folder.exists() else f"{folder} (not there)",
            "process": pid or "not running",
        }
        try:
            services = self._api_of(args.data and folder).get("/os-services")["services"]
        except CommandError as exc:
            shown["API"] = str(exc)
            self._code = exit_code(pid is not None, exc)
        else:
            shown["API"] = "answers"
            for service in services:
                name = f"{service['binary']} on {service['host']}"
                shown[name] = f"{service['state']}, {service['status']}"
        return list(shown), list(shown.values())

    _code = 0

    def run(self, parsed_args: argparse.Namespace) -> int:
        return super().run(parsed_args) or self._code

    def _api_of(self, folder: Path | None) -> Api:
        """Of that folder; without one, of the cloud that every command is about."""
        if folder is None:
            return self.api
        return Api(None, self.app.options.os_compute_api_version, folder)


def exit_code(runs: bool, error: CommandError) -> int:
    """Of `status`, when the API has not told what it was asked."""
    if isinstance(error, Refused):
        return error.exit_code
    return Unreachable.exit_code if runs else NotRunning.exit_code
