# SPDX-License-Identifier: Apache-2.0
"""What `nova-lite down` says and does about the network of guests."""

import os
from pathlib import Path

import pytest

from nova_lite.cli.main import main


def down(folder: Path, *words: str) -> int:
    return main(["down", "--data", str(folder), *words])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Of a cloud that was started once, with a network that is this process's."""
    network = tmp_path / "network" / "a-network"
    network.mkdir(parents=True)
    after_name = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    (network / "keeper.pid").write_text(f"{os.getpid()} {after_name[19]}\n")
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "nova.conf").write_text(f"[DEFAULT]\nstate_path = {tmp_path}/state\n")
    return tmp_path


def test_the_network_stays_and_that_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert down(folder) == 0
    assert "'nova-lite down --network' takes it away" in capsys.readouterr().out


def test_nothing_is_said_of_a_network_that_has_gone(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "network" / "a-network" / "keeper.pid").write_text(f"{os.getpid()} 1\n")
    assert down(folder) == 0
    assert capsys.readouterr().out == "nova-lite was not running\n"


def test_options_that_are_wrong_keep_the_network(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """There is none at the place that the configuration names: without them, all is well."""
    assert down(folder, "--network") == 0
    assert "takes it away" not in capsys.readouterr().out
    (folder / "etc" / "local.conf").write_text("[network]\nmtu = much\n")
    assert down(folder, "--network") == 6
    told = capsys.readouterr().err
    assert "the network could not be removed" in told and "option [network] mtu" in told


def test_where_nothing_was_ever_started(tmp_path: Path) -> None:
    assert down(tmp_path, "--network") == 0
    assert list(tmp_path.iterdir()) == []
