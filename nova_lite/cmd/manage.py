# SPDX-License-Identifier: Apache-2.0
"""nova-lite-manage: schemas, cells, hosts, archive, audit. Runs where the conductor runs.

Commands are rows of COMMANDS: a category has actions, an action has arguments and a function
that returns the exit code. Words and exit codes are those that operators know from nova-manage.
"""

import argparse
import importlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError

from nova_lite.cmd import manage_cells, manage_db
from nova_lite.cmd.printing import flag, option
from nova_lite.cmd.startup import begin_command
from nova_lite.domain.errors import NovaLiteError

PROG: Final = "nova-lite-manage"


@dataclass(frozen=True)
class Command:
    """`run(conf, args)` returns the exit code. `unexpected`: that of an error it does not know."""

    help: str
    run: Callable[[Any, argparse.Namespace], int]
    arguments: Sequence[tuple[Sequence[str], dict[str, Any]]] = field(default_factory=tuple)
    unexpected: int = 1


_BEFORE = option(
    "--before", help="only what was deleted before this date (YYYY-MM-DD[ HH:MM[:SS]])"
)
_ALL_CELLS = flag("--all-cells", help="every mapped cell, not only the one of [database]")
_VERBOSE = flag("--verbose", help="say what was done")
_CELL = option("--cell_uuid", "--cell-uuid", dest="cell_uuid", help="uuid of the cell")
_THE_CELL = option(*_CELL[0], **_CELL[1], required=True)
_NAME = option("--name", help="name of the cell")
_QUEUE = option("--transport-url", dest="transport_url", help="message queue of the cell")
_DATABASE = option(
    "--database_connection",
    "--database-connection",
    dest="database_connection",
    help="database of the cell; without it that of the configuration",
)
_REVISION = (("version",), {"nargs": "?", "help": "revision; without it the newest"})

COMMANDS: Final[dict[str, dict[str, Command]]] = {
    "db": {
        "sync": Command(
            "bring the databases of the cells to this release",
            manage_db.sync,
            [
                _REVISION,
                flag("--local_cell", "--local-cell", dest="local_cell", help="only [database]"),
            ],
        ),
        "version": Command("the revision of the database of [database]", manage_db.version),
        "archive_deleted_rows": Command(
            "move deleted rows to the shadow tables",
            manage_db.archive_deleted_rows,
            [
                option(
                    "--max_rows", "--max-rows", dest="max_rows", default="1000", help="rows at most"
                ),
                _BEFORE,
                flag("--until-complete", dest="until_complete", help="until none is left"),
                flag("--purge", help="and remove the archived rows for good"),
                _ALL_CELLS,
                flag("--task-log", dest="task_log", help="accepted; there is no task log"),
                option("--sleep", type=float, default=0.0, help="seconds between two rounds"),
                _VERBOSE,
            ],
            unexpected=255,
        ),
        "purge": Command(
            "remove archived rows for good",
            manage_db.purge,
            [flag("--all", help="all archived rows"), _BEFORE, _ALL_CELLS, _VERBOSE],
        ),
    },
    "api_db": {
        "sync": Command("bring the API database to this release", manage_db.api_sync, [_REVISION]),
        "version": Command("the revision of the API database", manage_db.api_version),
    },
    "cell_v2": {
        "simple_cell_setup": Command(
            "map cell0 and one cell, from the configuration",
            manage_cells.simple_cell_setup,
            [_QUEUE],
        ),
        "map_cell0": Command("map cell0", manage_cells.map_cell0, [_DATABASE]),
        "create_cell": Command(
            "map a cell",
            manage_cells.create_cell,
            [_NAME, _QUEUE, _DATABASE, _VERBOSE, flag("--disabled", help="takes no new servers")],
        ),
        "update_cell": Command(
            "change the mapping of a cell",
            manage_cells.update_cell,
            [
                *(_THE_CELL, _NAME, _QUEUE, _DATABASE),
                flag("--enable", help="takes new servers again"),
                flag("--disable", help="takes no new servers"),
            ],
        ),
        "delete_cell": Command(
            "unmap a cell that has no servers",
            manage_cells.delete_cell,
            [_THE_CELL, flag("--force", help="unmap its hosts, too")],
        ),
        "list_cells": Command(
            "show the cells", manage_cells.list_cells, [flag("--verbose", help="with passwords")]
        ),
        "discover_hosts": Command(
            "map compute hosts that are not mapped",
            manage_cells.discover_hosts,
            [
                _CELL,
                flag("--strict", help="exit 1 when there is none"),
                flag("--by-service", dest="by_service", help="look at services, not at nodes"),
                _VERBOSE,
            ],
        ),
        "list_hosts": Command("show the hosts and their cells", manage_cells.list_hosts, [_CELL]),
        "delete_host": Command(
            "unmap a host that has no servers",
            manage_cells.delete_host,
            [_THE_CELL, option("--host", required=True, help="name of the host")],
        ),
    },
}

# Commands that stand alone: what they do, and the module that has `ARGUMENTS` and
# `run(conf, args)`. It is imported only when the command is called.
ALONE: Final = {
    "audit": ("compare rows, claims, quota, guests and disks", "nova_lite.cmd.manage_audit"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code. Every error is one line on stderr."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    args = _parser(words).parse_args(words)
    return execute(_configuration(args), args)


def run(conf: Any, *words: str) -> int:
    """A command with a configuration that is read already."""
    return execute(conf, _parser(words).parse_args(words))


def execute(conf: Any, args: argparse.Namespace) -> int:
    command: Command = args.command
    try:
        return command.run(conf, args)
    except (NovaLiteError, SQLAlchemyError) as error:
        sys.stderr.write(f"{PROG}: {' '.join(str(error).split())}\n")
        return command.unexpected


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=PROG, description="Manage databases, cells and hosts.")
    parser.add_argument("--config-file", action="append", default=[], metavar="FILE")
    parser.add_argument("--config-dir", action="append", default=[], metavar="DIR")
    parser.add_argument("--debug", action="store_true", help="log every detail")
    categories = parser.add_subparsers(dest="category", required=True, metavar="CATEGORY")
    for name, actions in COMMANDS.items():
        category = categories.add_parser(name, help=", ".join(actions))
        of_category = category.add_subparsers(dest="action", required=True, metavar="ACTION")
        for action, command in actions.items():
            _add(of_category, action, command)
    for name, (summary, module) in ALONE.items():
        if name not in words:
            categories.add_parser(name, help=summary)
            continue
        loaded = importlib.import_module(module)
        _add(categories, name, Command(summary, loaded.run, loaded.ARGUMENTS))
    return parser


def _add(parsers: Any, name: str, command: Command) -> None:
    parser = parsers.add_parser(name, help=command.help, description=command.help)
    for names, how in command.arguments:
        parser.add_argument(*names, **how)
    parser.set_defaults(command=command)


def _configuration(args: argparse.Namespace) -> Any:
    words = [word for path in args.config_file for word in ("--config-file", path)]
    words += [word for path in args.config_dir for word in ("--config-dir", path)]
    words += ["--debug"] if args.debug else []
    return begin_command(PROG, words)


if __name__ == "__main__":
    sys.exit(main())
