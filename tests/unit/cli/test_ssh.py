# SPDX-License-Identifier: Apache-2.0
"""How `nova-lite server ssh` logs in."""

import argparse
from typing import Any, cast

import pytest

from nova_lite.cli.commands.ssh import SshServer, address_of, ssh_words
from nova_lite.cli.errors import CommandError

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
    assert ssh_words(UUID, "127.0.0.1", 22007, parsed("web")) == [
        *("ssh", "-p", "22007", "-l", "root", "-o", f"HostKeyAlias={UUID}", "--", "127.0.0.1"),
    ]


def test_everything_can_be_said() -> None:
    args = parsed("-l", "me", "-i", "key", "-o", "LogLevel=ERROR", "web", "--", "ls", "-l")
    assert ssh_words(UUID, "a", 1, args)[3:] == [
        *("-l", "me", "-o", f"HostKeyAlias={UUID}", "-i", "key", "-o", "IdentitiesOnly=yes"),
        *("-o", "LogLevel=ERROR", "--", "a", "ls", "-l"),
    ]
    assert parsed("web", "--print").only_print


def test_a_floating_address_comes_first() -> None:
    found = server(
        one=[("10.0.0.5", "fixed")], two=[("10.1.0.5", "fixed"), ("9.9.9.9", "floating")]
    )
    assert address_of(found) == "9.9.9.9"
    assert address_of(server(one=[("10.0.0.5", "fixed")])) == "10.0.0.5"
    assert address_of(server("RESCUE", one=[("10.0.0.5", "fixed")])) == "10.0.0.5"
    assert address_of(server()) is None


def test_a_server_that_is_off_is_not_tried() -> None:
    with pytest.raises(CommandError, match="web is SHUTOFF"):
        address_of(server("SHUTOFF", one=[("10.0.0.5", "fixed")]))
