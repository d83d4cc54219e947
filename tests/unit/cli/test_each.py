# SPDX-License-Identifier: Apache-2.0
"""Commands about several things go on behind one that is wrong."""

import argparse
import importlib
from collections.abc import Callable
from typing import Any, NoReturn

import pytest

from nova_lite.cli.commands import COMMANDS
from nova_lite.cli.each import for_each
from nova_lite.cli.errors import (
    CommandError,
    EndedInError,
    Refused,
    SetupError,
    SomeFailed,
    TookTooLong,
    Unreachable,
)


def test_the_others_are_done(capsys: pytest.CaptureFixture[str]) -> None:
    done = []

    def do(name: str) -> None:
        if name in ("b", "d"):
            raise Refused(f"no {name}", 404)
        done.append(name)

    with pytest.raises(SomeFailed, match="^2 of 4 things failed$") as caught:
        for_each("things", ["a", "b", "c", "d"], do)
    assert caught.value.exit_code == 1
    assert done == ["a", "c"]
    seen = capsys.readouterr()
    assert seen.err.splitlines() == ["b: no b (HTTP 404)", "d: no d (HTTP 404)"] and not seen.out
    for_each("things", ["a", "c"], do)


def test_all_are_asked_for_before_one_is_waited_for(capsys: pytest.CaptureFixture[str]) -> None:
    seen: list[str] = []

    def do(name: str) -> Callable[[], None] | None:
        def wait() -> None:
            seen.append(f"{name} waited for")
            if name == "a":
                raise TookTooLong("too long")
            if name == "b":
                raise EndedInError("in ERROR")

        seen.append(name)
        return wait if name != "d" else None

    with pytest.raises(SomeFailed, match="^2 of 4 things failed$"):
        for_each("things", ["a", "b", "c", "d"], do)
    assert seen[:4] == ["a", "b", "c", "d"]
    assert seen[4:] == ["a waited for", "b waited for", "c waited for"]
    assert capsys.readouterr().err.splitlines() == ["a: too long", "b: in ERROR"]


@pytest.mark.parametrize("error", [Refused("no", 404), EndedInError("no"), TookTooLong("no")])
def test_one_alone_keeps_its_exit_code(
    error: CommandError, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> NoReturn:
        raise error

    for do in (lambda name: fail(), lambda name: fail):
        with pytest.raises(type(error)):
            for_each("things", ["a"], do)
    assert not capsys.readouterr().err


@pytest.mark.parametrize("error", [Unreachable("gone"), SetupError("nothing there")])
def test_what_would_be_so_for_every_other_ends_it(error: CommandError) -> None:
    asked = []

    def do(name: str) -> None:
        asked.append(name)
        raise error

    with pytest.raises(type(error)):
        for_each("things", ["a", "b"], do)
    assert asked == ["a"]


class Refusing:
    """A cloud that has nothing of what it is asked for."""

    network = image = None

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def refuse(*given: Any, **more: Any) -> Any:
            raise Refused("there is none", 404)

        return refuse


class App:
    api = Refusing()


def several() -> list[str]:
    """The commands that take several of what they are about."""
    found = []
    for name, place in COMMANDS.items():
        actions = parser_of(place)._actions
        if any(not a.option_strings and a.nargs == "+" for a in actions):
            found.append(name)
    # That is one request about all images.
    found.remove("aggregate cache image")
    return found


def parser_of(place: str) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = command(place).get_parser("x")
    return made


def command(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(f"nova_lite.cli.commands.{module}"), name)(App(), None)


def test_there_are_such_commands() -> None:
    assert {"server delete", "server stop", "image delete", "network delete"} <= set(several())


@pytest.mark.parametrize("name", several())
def test_every_command_about_several_goes_on(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    place = COMMANDS[name]
    args = parser_of(place).parse_args(["one", "two"])
    with pytest.raises(SomeFailed, match=r"^2 of 2 [a-z ]+s failed$"):
        command(place).take_action(args)
    assert [line.split(":")[0] for line in capsys.readouterr().err.splitlines()] == ["one", "two"]
