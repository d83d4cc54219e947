# SPDX-License-Identifier: Apache-2.0
"""How `nova-lite server ssh` logs in."""

import argparse
import io
from pathlib import Path
from typing import Any, cast

import pytest

from nova_lite.cli.commands.ssh import SshServer, Way, advice, ssh_words, way_to
from nova_lite.cli.errors import CommandError, Refused

UUID = "11111111-2222-4333-8444-555555555555"


def parsed(*words: str) -> argparse.Namespace:
    return SshServer(cast(Any, None), None).get_parser("x").parse_args(list(words))


def server(status: str = "ACTIVE", **addresses: list[tuple[str, str]]) -> dict[str, Any]:
    entries = {
        name: [{"addr": addr, "OS-EXT-IPS:type": kind} for addr, kind in found]
        for name, found in addresses.items()
    }
    return {"id": UUID, "name": "web", "status": status, "addresses": entries}


def test_host_keys_are_remembered_by_server() -> None:
    assert ssh_words(UUID, Way("127.0.0.1", 22007), parsed("web")) == [
        *("ssh", "-p", "22007", "-l", "root", "-o", f"HostKeyAlias={UUID}", "--", "127.0.0.1"),
    ]


def test_everything_can_be_said() -> None:
    args = parsed("-l", "me", "-i", "key", "-o", "LogLevel=ERROR", "web", "--", "ls", "-l")
    assert ssh_words(UUID, Way("a", 1), args)[3:] == [
        *("-l", "me", "-o", f"HostKeyAlias={UUID}", "-i", "key", "-o", "IdentitiesOnly=yes"),
        *("-o", "LogLevel=ERROR", "--", "a", "ls", "-l"),
    ]
    assert parsed("web", "--print").only_print


def test_a_floating_address_comes_first() -> None:
    found = server(
        one=[("10.0.0.5", "fixed")], two=[("10.1.0.5", "fixed"), ("9.9.9.9", "floating")]
    )
    assert way_to(found) == Way("9.9.9.9", 22)
    assert way_to(server(one=[("10.0.0.5", "fixed")])) == Way("10.0.0.5", 22, inside=True)
    assert way_to(server("RESCUE", one=[("10.0.0.5", "fixed")])).address == "10.0.0.5"


def test_a_server_that_is_off_is_not_tried() -> None:
    with pytest.raises(CommandError, match="web is SHUTOFF"):
        way_to(server("SHUTOFF", one=[("10.0.0.5", "fixed")]))


def test_a_server_without_addresses_is_not_told_to_use_them() -> None:
    with pytest.raises(CommandError, match="web has no address"):
        way_to(server())


def test_a_fixed_address_is_not_waited_for_long() -> None:
    words = ssh_words(UUID, Way("10.0.0.5", 22, inside=True), parsed("-o", "A=b", "web", "uptime"))
    assert words[-7:] == ["-o", "A=b", "-o", "ConnectTimeout=10", "--", "10.0.0.5", "uptime"]
    assert "nova-lite floating ip create" in advice("web", "10.0.0.5")


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (["web", "-i", "key"], []),
        (["web", "-i", "key", "hostname"], ["hostname"]),
        (["web", "-i", "key", "--", "hostname", "-f"], ["hostname", "-f"]),
        (["-i", "key", "web", "ls", "-la", "--print"], ["ls", "-la", "--print"]),
        (["web", "-i", "key", "ls", "-l", "-i"], ["ls", "-l", "-i"]),
        (["-i", "key", "web", "--", "-odd"], ["-odd"]),
    ],
)
def test_a_command_has_its_own_options(words: list[str], command: list[str]) -> None:
    args = parsed(*words)
    assert (args.server, args.identity, args.login, args.only_print) == (
        "web",
        "key",
        "root",
        False,
    )
    found = ssh_words(UUID, Way("a", 1), args)
    assert found[found.index("--") + 2 :] == command


def test_how_it_is_run_can_be_asked_for_in_between() -> None:
    args = parsed("web", "--print", "ls", "-la")
    assert args.only_print and args.command == ["ls", "-la"]


def test_advice_is_given_where_ssh_did_not_get_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """With a program instead of ssh that ends as it does without a connection."""
    found = server(one=[("10.0.0.5", "fixed")])

    class Api:
        def server(self, wanted: str) -> Any:
            return found

        def get(self, path: str) -> Any:
            if path.endswith("/ssh"):
                raise Refused("no port", 409)
            return {"server": found}

    class App:
        api = Api()
        stdout = io.StringIO()

    for code, told in ((255, True), (3, False)):
        program = tmp_path / "ssh"
        program.write_text(f"#!/bin/sh\nexit {code}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
        assert SshServer(cast(Any, App()), None).run(parsed("web")) == code
        assert ("floating ip create" in capsys.readouterr().err) is told
