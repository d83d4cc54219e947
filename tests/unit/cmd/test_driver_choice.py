# SPDX-License-Identifier: Apache-2.0
"""Which driver embedded mode takes when libvirt is installed and does not answer."""

import argparse
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from nova_lite.cmd import embedded
from nova_lite.cmd.folder import Folder
from nova_lite.domain.libvirtd import how_to_start

pytestmark = pytest.mark.skipif(
    embedded.choose_driver("auto")[0] != embedded.LIBVIRT or shutil.which("qemu-img") is None,
    reason="needs libvirt and its Python binding",
)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """One that is told to use a libvirtd that is not there."""
    made = Folder(tmp_path / "data")
    made.etc.mkdir(parents=True)
    point_at(made, tmp_path / "absent")
    return made


def point_at(folder: Folder, place: Path, *more: str) -> None:
    lines = [f"[libvirt]\nconnection_uri = qemu+unix:///system?socket={place}", *more]
    folder.own_config.write_text("\n".join(lines) + "\n")


def files_of(folder: Folder) -> list[str]:
    return [f"--config-file={folder.config}", f"--config-file={folder.own_config}"]


def prepare(folder: Folder, driver: str = "auto") -> str | None:
    args = argparse.Namespace(driver=driver, listen="127.0.0.1", port=18774)
    return embedded._prepare(folder, args, files_of(folder))


def give_guest(folder: Folder) -> None:
    guest = folder.root / "instances" / "11111111-2222-3333-4444-555555555555"
    guest.mkdir(parents=True)
    (guest / "disk.info").write_text("{}")


def test_a_new_cloud_gets_faked_guests_and_the_reason(folder: Folder) -> None:
    reason = prepare(folder)
    assert reason is not None and "\n" not in reason
    assert f"is libvirtd running? ({how_to_start()}; " in reason
    assert f"compute_driver = {embedded.FAKE}" in folder.config.read_text()


def test_whoever_asks_for_libvirt_is_told_at_once(
    folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        prepare(folder, "libvirt")
    assert ended.value.code == 1
    assert how_to_start() in capsys.readouterr().err


def test_a_cloud_with_real_guests_does_not_become_a_faked_one(folder: Folder) -> None:
    """As a user sees it: the process ends with a line, long before any time limit."""
    give_guest(folder)
    done = subprocess.run(
        [sys.executable, "-m", "nova_lite.cmd.embedded", "--data", str(folder.root)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "is libvirtd running" in done.stderr and "--driver fake" in done.stderr
    assert f"compute_driver = {embedded.LIBVIRT}" in folder.config.read_text()


def test_but_it_does_when_that_is_asked_for(folder: Folder) -> None:
    give_guest(folder)
    assert prepare(folder, "fake") is None
    assert f"compute_driver = {embedded.FAKE}" in folder.config.read_text()


def test_a_libvirtd_that_hangs_holds_nobody(folder: Folder, tmp_path: Path) -> None:
    prepare(folder)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "sock"))
        silent.listen()
        point_at(folder, tmp_path / "sock", "[DEFAULT]", f"compute_driver = {embedded.LIBVIRT}")
        said = embedded.objection_to_libvirt(files_of(folder), timeout=5)
    assert said == "libvirt did not answer within 5 s, see the log of libvirtd"


def test_nobody_asks_libvirt_where_another_driver_is_configured(folder: Folder) -> None:
    point_at(folder, folder.root / "absent", "[DEFAULT]", f"compute_driver = {embedded.FAKE}")
    assert prepare(folder) is None
