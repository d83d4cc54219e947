# SPDX-License-Identifier: Apache-2.0
"""What embedded mode chooses by itself for its configuration."""

import socket
from pathlib import Path

import pytest

from nova_lite.base.process import SYSTEM_FOLDERS
from nova_lite.cmd import folder
from nova_lite.cmd.folder import Folder


@pytest.mark.parametrize(
    ("there", "chosen"),
    [
        (["genisoimage", "mkisofs"], ""),
        (["mkisofs", "xorrisofs"], "mkisofs_cmd = xorrisofs\n"),
        (["mkisofs", "mcopy", "mkfs.vfat"], "mkisofs_cmd = mkisofs\n"),
        (["mcopy", "mkfs.vfat"], "config_drive_format = vfat\n"),
        (["mcopy"], ""),
    ],
)
def test_config_drives_are_made_with_what_is_there(
    tmp_path: Path, there: list[str], chosen: str
) -> None:
    for name in there:
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    assert folder.config_drives([str(tmp_path)]) == chosen


def test_where_programs_are_looked_for() -> None:
    assert set(SYSTEM_FOLDERS) <= set(folder.program_folders())


def test_the_port_of_the_metadata_service_stays(tmp_path: Path) -> None:
    def ports() -> set[str]:
        made = Folder(tmp_path)
        made.prepare(driver="fake.FakeDriver", listen="127.0.0.1", port=8774)
        lines = made.config.read_text().splitlines()
        names = ("metadata_listen_port = ", "metadata_port = ")
        return {line.split(" = ")[1] for line in lines if line.startswith(names)}

    first = ports()
    assert len(first) == 1
    assert ports() == first
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(*first)))
        other.listen()
        assert not ports() & first


def test_servers_that_ran_are_started_again_with_the_machine(tmp_path: Path) -> None:
    made = Folder(tmp_path)
    made.prepare(driver="libvirt.LibvirtDriver", listen="127.0.0.1", port=8774)
    assert "\nresume_guests_state_on_host_boot = true\n" in made.config.read_text()
