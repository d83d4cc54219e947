# SPDX-License-Identifier: Apache-2.0
"""The entry point of `nova-lite`."""

import argparse
import importlib.metadata
import logging
import sys
from functools import cached_property
from typing import Any

from cliff.app import App
from cliff.commandmanager import CommandManager

from nova_lite.cli.commands import COMMANDS
from nova_lite.cli.errors import CommandError
from nova_lite.cli.http import COMPUTE_VERSION, Api

EXAMPLES = """
examples:
  nova-lite up                                  start a cloud on this machine
  nova-lite image create --file disk.qcow2 tiny
  nova-lite server create --image tiny --flavor m1.tiny --wait web
  nova-lite server list -f json
  nova-lite server explain web                  why it found no host
  nova-lite down

Another cloud: --os-cloud NAME (from clouds.yaml) or the usual OS_* variables.
exit codes: 0 done, 1 refused, 2 usage, 3 server in ERROR (status: not running),
4 no answer, 5 timeout, 6 set-up
"""


class _Table(CommandManager):
    """Commands from our table, each imported when it is asked for."""

    def load_commands(self, namespace: str) -> None:
        for name, place in COMMANDS.items():
            value = f"nova_lite.cli.commands.{place}"
            self.commands[name] = importlib.metadata.EntryPoint(name, value, namespace)


class NovaLite(App):
    CONSOLE_MESSAGE_FORMAT = "%(message)s"

    def __init__(self) -> None:
        super().__init__(
            description="Talk to a compute service, or run one on this machine.",
            version=importlib.metadata.version("nova-lite"),
            command_manager=_Table("nova_lite.cli"),
            deferred_help=True,
        )

    def build_option_parser(
        self, description: str | None, version: str | None, argparse_kwargs: Any = None
    ) -> argparse.ArgumentParser:
        kwargs = {
            "epilog": EXAMPLES,
            "formatter_class": argparse.RawDescriptionHelpFormatter,
            **(argparse_kwargs or {}),
        }
        parser = super().build_option_parser(description, version, kwargs)
        parser.add_argument("--os-cloud", metavar="NAME", help="a cloud of clouds.yaml")
        parser.add_argument(
            "--os-compute-api-version",
            metavar="2.N",
            default=COMPUTE_VERSION,
            help=f"microversion to ask for (default {COMPUTE_VERSION})",
        )
        return parser

    @cached_property
    def api(self) -> Api:
        return Api(self.options.os_cloud, self.options.os_compute_api_version)

    def configure_logging(self) -> None:
        super().configure_logging()
        if not self.options.debug:
            for noisy in ("keystoneauth", "urllib3", "stevedore", "openstack"):
                logging.getLogger(noisy).setLevel(logging.ERROR)

    def run_subcommand(self, argv: list[str]) -> int:
        self._failure: BaseException | None = None
        result = super().run_subcommand(argv)
        # cliff has printed the one line; the exit code is ours
        return self._failure.exit_code if isinstance(self._failure, CommandError) else result

    def clean_up(self, cmd: Any, result: int, err: BaseException | None) -> None:
        self._failure = err


def main(argv: list[str] | None = None) -> int:
    try:
        return NovaLite().run(sys.argv[1:] if argv is None else argv)
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
