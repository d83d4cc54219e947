# SPDX-License-Identifier: Apache-2.0
"""Base classes of the commands: tables for people, -f json|yaml|csv|value for machines.

A value that is a list or an object is a Told: json and yaml have it as it is, all others its text.
"""

import argparse
import inspect
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from cliff.columns import FormattableColumn
from cliff.command import Command
from cliff.lister import Lister
from cliff.show import ShowOne

from nova_lite.cli.errors import TookTooLong
from nova_lite.cli.http import Api

_KEEP_SHAPES: Final = ("json", "yaml")


class Told(FormattableColumn):
    """A list or an object, and what it is in words; sorted by these."""

    def __init__(self, value: Any, words: str) -> None:
        super().__init__(value)
        self._words = words

    def human_readable(self) -> str:
        return self._words

    def __lt__(self, other: object) -> bool:
        return str(self) < str(other)


def listed(values: Sequence[str]) -> Told:
    """Texts, for people in one line."""
    return Told(list(values), ", ".join(values))


def _for_formatter(name: str, values: Iterable[Any]) -> list[Any]:
    """Values for that formatter: csv, value and shell would not ask a Told for its words."""
    if name in _KEEP_SHAPES:
        return list(values)
    return [str(value) if isinstance(value, Told) else value for value in values]


class _WithApi:
    app: Any

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """The docstring is the description; its lines, and those of examples, stay as they are."""
        parser: argparse.ArgumentParser = super().get_parser(prog_name)  # type: ignore[misc]
        parser.formatter_class = argparse.RawDescriptionHelpFormatter
        words, examples, rest = inspect.cleandoc(type(self).__doc__ or "").partition("\nExample")
        parser.description = words.strip()
        if examples:
            parser.epilog = f"{examples.strip()}{rest}"
        return parser

    @property
    def api(self) -> Api:
        return self.app.api


class Do(_WithApi, Command):
    """A command whose success needs no table."""


class ListThem(_WithApi, Lister):
    """A command that shows rows."""

    def produce_output(
        self, parsed_args: argparse.Namespace, column_names: Sequence[str], data: Iterable[Any]
    ) -> int:
        found = [_for_formatter(parsed_args.formatter, row) for row in data]
        return int(super().produce_output(parsed_args, column_names, found))


class ShowIt(_WithApi, ShowOne):
    """A command that shows one thing, field by field."""

    def produce_output(
        self, parsed_args: argparse.Namespace, column_names: Sequence[str], data: Iterable[Any]
    ) -> int:
        found = _for_formatter(parsed_args.formatter, data)
        return int(super().produce_output(parsed_args, column_names, found))


def fields(thing: dict[str, Any]) -> tuple[Sequence[str], Sequence[Any]]:
    """One thing as (names, values), sorted by name."""
    names = sorted(name for name in thing if name != "links")
    return names, [thing[name] for name in names]


def rows(
    columns: Sequence[str], keys: Sequence[str], things: Iterable[dict[str, Any]]
) -> tuple[Sequence[str], list[tuple[Any, ...]]]:
    """Many things as (columns, rows); a key with dots looks inside."""
    return columns, [tuple(_dig(thing, key) for key in keys) for thing in things]


def _dig(thing: Any, path: str) -> Any:
    if isinstance(thing, dict) and path in thing:
        return thing[path]
    for part in path.split("."):
        thing = thing.get(part) if isinstance(thing, dict) else None
    return thing


class Progress:
    """Says on standard error what is waited for; silent when nobody looks."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._start = time.monotonic()
        self._last = ""
        self._tty = sys.stderr.isatty()

    def show(self, state: str) -> None:
        if state == self._last and not self._tty:
            return
        self._last = state
        line = f"{self._what}: {state} ({time.monotonic() - self._start:.0f} s)"
        print(f"\r\033[K{line}" if self._tty else line, end="" if self._tty else "\n",
              file=sys.stderr, flush=True)  # fmt: skip

    def done(self) -> None:
        if self._tty:
            print(file=sys.stderr)


def wait_for(what: str, look: Callable[[], tuple[str, bool]], timeout: float) -> None:
    """Look, at first often and at last once a second, until it is done.

    look -> (state in words, done?); it raises EndedInError where it never can be. Raises
    TookTooLong after `timeout` seconds.
    """
    progress = Progress(what)
    deadline = time.monotonic() + timeout
    pause = 0.1
    try:
        while True:
            state, done = look()
            progress.show(state)
            if done:
                return
            if time.monotonic() > deadline:
                raise TookTooLong(f"{what}: still {state} after {timeout:.0f} s")
            time.sleep(pause)
            pause = min(pause * 1.5, 1.0)
    finally:
        progress.done()
