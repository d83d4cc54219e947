# SPDX-License-Identifier: Apache-2.0
"""Whether embedded mode uses the system's libvirt, or the user's own."""

import os
import socket
from pathlib import Path

import pytest

from nova_lite.cmd import folder

NOBODY = 65534


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "sock"


@pytest.fixture
def ordinary(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not root, and in no group that is let in."""
    monkeypatch.setattr(os, "geteuid", lambda: NOBODY)
    monkeypatch.setattr(os, "getegid", lambda: NOBODY)
    monkeypatch.setattr(os, "getgroups", lambda: [NOBODY])


def test_without_a_socket_there_is_none(place: Path) -> None:
    assert not folder.system_libvirt(place)


def test_one_that_lets_this_user_in_is_used(place: Path, ordinary: None) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(place))
        server.listen()
        place.chmod(0o770)
        assert folder.system_libvirt(place)
        # open to everybody: polkit would ask for a password
        place.chmod(0o777)
        assert not folder.system_libvirt(place)


def test_what_one_that_is_gone_has_left_is_not_used(place: Path, ordinary: None) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(place))
    place.chmod(0o770)
    assert not folder.system_libvirt(place)
