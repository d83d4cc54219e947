# SPDX-License-Identifier: Apache-2.0
"""What the doctor says of libvirtd."""

import os
import socket
from pathlib import Path

import pytest

from nova_lite.cli.commands import doctor
from nova_lite.domain.libvirtd import how_to_start


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "sock"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda program, path=None: f"/usr/sbin/{program}")


def test_one_that_listens(place: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(place))
        server.listen()
        assert doctor.check_libvirtd(place).state == "ok"


@pytest.mark.usefixtures("installed")
def test_what_one_that_is_gone_has_left(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root has to start it; that of another user starts by itself."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(place))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    found = doctor.check_libvirtd(place)
    assert found.state == "warning" and found.advice == how_to_start()
    monkeypatch.setattr(os, "geteuid", lambda: 65534)
    assert doctor.check_libvirtd(place).state == "ok"


def test_one_that_is_not_installed(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda program, path=None: None)
    assert doctor.check_libvirtd(place).advice == "apt install libvirt-daemon-system"


def test_the_advice_is_right_with_and_without_systemd(tmp_path: Path) -> None:
    assert how_to_start(tmp_path) == "systemctl start libvirtd"
    assert how_to_start(tmp_path / "absent") == "virtlogd -d; libvirtd -d"
