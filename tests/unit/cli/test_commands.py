# SPDX-License-Identifier: Apache-2.0
"""Every command: its help, its examples, its place in the documentation."""

import argparse
import importlib
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from cliff.lister import Lister
from cliff.show import ShowOne

from nova_lite.cli import errors
from nova_lite.cli.commands import COMMANDS
from nova_lite.cli.commands.cloud import exit_code
from nova_lite.cli.main import EXAMPLES

PAGE = Path(__file__).parents[3] / "docs" / "admin" / "commands.md"
OPERATORS = {"|", "<", ">", "&&", ";"}


def command(name: str) -> Any:
    module, _, kind = COMMANDS[name].partition(":")
    return getattr(importlib.import_module(f"nova_lite.cli.commands.{module}"), kind)(None, None)


def parser_of(name: str) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = command(name).get_parser(f"nova-lite {name}")
    return made


def examples(text: str) -> list[list[str]]:
    """The words behind `nova-lite` of each example, without comments and what a shell does."""
    found = []
    for line in re.findall(r"nova-lite ([a-z].*)", re.sub(r"\\\n\s*", "", text)):
        words = shlex.split(line.partition("   ")[0], comments=True)
        end = next((i for i, word in enumerate(words) if word in OPERATORS), len(words))
        found.append(words[:end])
    return found


def split(words: list[str]) -> tuple[str, list[str]]:
    """The name of the command, which is the longest that fits, and its arguments."""
    for size in range(len(words), 0, -1):
        if (name := " ".join(words[:size])) in COMMANDS:
            return name, words[size:]
    raise AssertionError(f"there is no command {' '.join(words)!r}")


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_an_example(name: str) -> None:
    parser = parser_of(name)
    assert parser.description and "Example" not in parser.description
    shown = [split(words)[0] for words in examples(parser.epilog or "")]
    assert name in shown, f"the help of {name!r} has examples of {shown}"


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_examples_can_be_given(name: str) -> None:
    for words in examples(parser_of(name).epilog or "" if name else EXAMPLES):
        found, arguments = split(words)
        parser_of(found).parse_args(arguments)  # exits when it cannot


@pytest.mark.parametrize("name", COMMANDS)
def test_waiting_has_an_end(name: str) -> None:
    options = parser_of(name)._option_string_actions
    assert ("--wait" not in options) or "--timeout" in options


@pytest.mark.parametrize("name", COMMANDS)
def test_what_is_shown_can_be_had_for_machines(name: str) -> None:
    verb = name.rsplit(" ", maxsplit=1)[-1]
    if verb in ("list", "show"):
        assert isinstance(command(name), Lister | ShowOne)
        assert parser_of(name).parse_args(["-f", "json", *["x"] * positional(name)])


def positional(name: str) -> int:
    return sum(not a.option_strings for a in parser_of(name)._actions)


def test_the_documentation_has_every_command() -> None:
    listed = []
    rows = re.findall(r"^\| `([a-z ]+)` \| (`[^|]*`) \|", PAGE.read_text(encoding="utf-8"), re.M)
    for noun, verbs in rows:
        listed += [f"{noun} {verb}" for verb in re.findall(r"`([a-z ]+)`", verbs)]
    assert sorted(listed) == sorted(name for name in COMMANDS if " " in name)


def test_exit_codes_are_documented() -> None:
    page = PAGE.read_text(encoding="utf-8")
    table = {int(code) for code in re.findall(r"^\| (\d) \|", page, re.M)}
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    codes = {kind.exit_code for kind in kinds if issubclass(kind, errors.CommandError)}
    assert codes | {0} <= table


@pytest.mark.parametrize(
    ("runs", "error", "code"),
    [
        (False, errors.SetupError("no cloud"), 3),
        (False, errors.Unreachable("connection refused"), 3),
        (True, errors.Unreachable("connection refused"), 4),
        (True, errors.SetupError("no clouds.yaml yet"), 4),
        (True, errors.Refused("not you", 403), 1),
        (False, errors.Refused("not you", 403), 1),
    ],
)
def test_the_exit_code_of_status(runs: bool, error: errors.CommandError, code: int) -> None:
    assert exit_code(runs, error) == code
