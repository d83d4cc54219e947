# SPDX-License-Identifier: Apache-2.0
"""Config drives: images that other programs can read, and where guests have them."""

import shutil
import subprocess
from pathlib import Path

import pytest

from nova_lite.base.process import CommandError
from nova_lite.virt.libvirt import spec
from nova_lite.virt.libvirt.disk.configdrive import ConfigDrives
from nova_lite.virt.libvirt.disk.layout import FolderRecord, GuestFolder
from nova_lite.virt.libvirt.guestspec import DiskSpec
from tests.unit.virt.libvirt.servers import LOG, host, root, server

UUID = "11111111-2222-4333-8444-555555555555"
FILES = {
    "openstack/latest/meta_data.json": b'{"a": 1}',
    "openstack/latest/user_data": bytes(range(256)),
    "ec2/latest/meta-data.json": b"{}",
}


def drives(kind: str, program: str = "genisoimage") -> ConfigDrives:
    return ConfigDrives(kind, program, "nova_lite 1.0")


def need(*programs: str) -> None:
    for program in programs:
        if shutil.which(program, path="/usr/sbin:/usr/bin:/sbin:/bin") is None:
            pytest.skip(f"{program} is not installed")


def out(*command: str) -> bytes:
    return subprocess.run(command, check=True, capture_output=True).stdout


def test_a_cd(tmp_path: Path) -> None:
    need("genisoimage", "isoinfo")
    image = tmp_path / "disk.config"
    drives("iso9660").make(image, "iso9660", FILES)
    about = out("isoinfo", "-d", "-i", str(image)).decode()
    assert "Volume id: config-2" in about
    assert "Publisher id: nova_lite 1.0" in about
    for name, content in FILES.items():
        for names in ("-R", "-J"):
            assert out("isoinfo", names, "-x", f"/{name}", "-i", str(image)) == content
    assert [path.name for path in tmp_path.iterdir()] == ["disk.config"]


def test_a_disk(tmp_path: Path) -> None:
    need("mkfs.vfat", "mcopy", "blkid")
    image = tmp_path / "disk.config"
    drives("vfat").make(image, "vfat", FILES)
    assert image.stat().st_size == 64 * 2**20
    label = out("/usr/sbin/blkid", "-s", "LABEL", "-o", "value", str(image))
    assert label.strip() == b"CONFIG-2"
    for name, content in FILES.items():
        assert out("mcopy", "-i", str(image), f"::/{name}", "-") == content
    assert [path.name for path in tmp_path.iterdir()] == ["disk.config"]


def test_nothing_is_written_elsewhere(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not on the drive"):
        drives("vfat").make(tmp_path / "disk.config", "vfat", {"../../x": b""})
    assert list(tmp_path.iterdir()) == []


def test_a_program_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no-such-program: is not installed"):
        drives("iso9660", "no-such-program").make(tmp_path / "disk.config", "iso9660", FILES)


def disk_of(tmp_path: Path, kind: str, machine: str = "pc", **properties: str) -> DiskSpec:
    """The drive as the guest has it."""
    instance = server(properties=properties, specs={"quota:disk_total_bytes_sec": "1000"})
    made = drives(kind).record(spec.cdrom_bus(instance, machine, host()))
    record = FolderRecord(uuid=UUID, host="h", machine=machine, disks=[made])
    found = GuestFolder(tmp_path, UUID).disks(record)
    return spec.build(instance, [root(), *found], LOG, host()).disks[-1]


@pytest.mark.parametrize(
    ("machine", "bus", "target"),
    [("pc", "ide", "hda"), ("pc-i440fx-7.2", "ide", "hda"), ("pc-q35-7.2", "sata", "sda")],
)
def test_where_a_cd_is(tmp_path: Path, machine: str, bus: str, target: str) -> None:
    found = disk_of(tmp_path, "iso9660", machine)
    assert (found.device, found.bus, found.target) == ("cdrom", bus, target)
    assert found.path == str(tmp_path / UUID / "disk.config")
    assert (found.limits, found.boot_order) == ({}, None)


def test_where_a_cd_is_wished(tmp_path: Path) -> None:
    found = disk_of(tmp_path, "iso9660", hw_cdrom_bus="scsi")
    assert (found.bus, found.target) == ("scsi", "sda")


def test_where_a_disk_is(tmp_path: Path) -> None:
    found = disk_of(tmp_path, "vfat")
    assert (found.device, found.bus, found.target) == ("disk", "virtio", "vdb")
