# SPDX-License-Identifier: Apache-2.0
"""The order in which a guest is made, and what its config drive is told."""

import shutil
import subprocess
from pathlib import Path
from typing import Any, cast

import pytest
from msgspec.structs import replace

from nova_lite.domain.devices import BlockDevice, DeviceAddress
from nova_lite.domain.errors import FaultedBuild
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import PowerState
from nova_lite.virt.driver import RebuildSpec, RescueSpec, RootImage, SpawnSpec
from nova_lite.virt.libvirt.connection import Connection
from nova_lite.virt.libvirt.definition import Definitions
from nova_lite.virt.libvirt.disk.configdrive import ConfigDrives
from nova_lite.virt.libvirt.guest import Guests
from nova_lite.virt.libvirt.rebuild import LibvirtRebuild
from nova_lite.virt.libvirt.rescue import LibvirtRescue
from nova_lite.virt.libvirt.spawn import Spawner
from tests.unit.virt.libvirt import servers
from tests.unit.virt.libvirt.small_libvirt import SmallLibvirt

GENISOIMAGE = shutil.which("genisoimage")
pytestmark = pytest.mark.skipif(GENISOIMAGE is None, reason="genisoimage is not installed")

NIC = DeviceAddress(bus="pci", address="0000:00:03.0", mac="fa:16:3e:00:00:01")
ROOT = DeviceAddress(bus="pci", address="0000:00:04.0", block_device="r", path="/dev/vda")


class Disks:
    """Root disks, made at once."""

    format = "raw"

    def make(self, path: Path, root: RootImage, size: int) -> None:
        path.write_bytes(b"root")


class Host:
    def __init__(self, folder: Path, program: str = "genisoimage") -> None:
        self.folder = folder
        self.libvirt = SmallLibvirt()
        guests = Guests(cast(Connection, self.libvirt))
        self.definitions = Definitions(guests, folder)
        self.definitions.use(servers.host())
        roots: Any = Disks()
        drives = ConfigDrives("iso9660", program, "nova_lite 1.0")
        self.spawner = Spawner(guests, self.definitions, roots, drives, preallocate=True)
        self.rebuild = LibvirtRebuild(guests, self.definitions, self.spawner)
        self.rescue = LibvirtRescue(guests, self.definitions, roots, drives)
        self.told: list[list[DeviceAddress]] = []

    def content(self, found: list[DeviceAddress]) -> dict[str, bytes]:
        self.told.append(found)
        return {"openstack/latest/devices": ascii(found).encode()}

    def spawn(self, instance: Instance) -> PowerState:
        return self.spawner.spawn(
            SpawnSpec(instance=instance, root=image(), config_drive=self.content)
        )


def image() -> RootImage:
    return RootImage(path=Path("/base"), format="raw", virtual_size=4)


def tagged() -> Instance:
    """An interface and the root disk have a tag, the empty disk has none."""

    def device(uuid: str, source: str, tag: str | None = None) -> BlockDevice:
        return BlockDevice(
            uuid=uuid,
            instance_uuid=servers.UUID,
            source_type=source,
            destination_type="local",
            guest_format="swap" if source == "blank" else None,
            volume_size=1,
            tag=tag,
        )

    return servers.server(
        vifs=[servers.vif("user", tag="front")],
        block_devices=[device("s", "blank"), device("r", "image", "root")],
    )


def on_drive(path: Path) -> bytes:
    command = ["isoinfo", "-R", "-x", "/openstack/latest/devices", "-i", str(path)]
    return subprocess.run(command, check=True, capture_output=True).stdout


def test_the_drive_is_told_what_libvirt_chose(tmp_path: Path) -> None:
    host, instance = Host(tmp_path), tagged()
    assert host.spawn(instance) is PowerState.RUNNING
    swap = DeviceAddress(bus="pci", address="0000:00:05.0", block_device="s", path="/dev/vdb")
    assert host.told == [[NIC, ROOT, swap]]
    assert host.definitions.addresses(instance) == host.told[0]
    folder = tmp_path / instance.uuid
    assert on_drive(folder / "disk.config") == ascii(host.told[0]).encode()
    assert {path.name for path in folder.glob("disk*")} == {
        *("disk", "disk.config", "disk.info", "disk.swap"),
    }
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in folder.glob("disk.[cs]*"))


def test_nothing_is_left_where_the_drive_cannot_be_made(tmp_path: Path) -> None:
    host = Host(tmp_path, "no-such-program")
    with pytest.raises(FaultedBuild, match="no-such-program"):
        host.spawn(tagged())
    assert (host.libvirt.domains, list(tmp_path.iterdir())) == ({}, [])


def test_a_rebuild_is_done_when_the_drive_is_there(tmp_path: Path) -> None:
    host, instance = Host(tmp_path), tagged()
    host.spawn(instance)
    spec = RebuildSpec(instance=instance, root=image(), token="t", config_drive=host.content)
    assert host.rebuild.rebuild(spec) is PowerState.RUNNING
    assert host.rebuild.is_done(instance, "t")
    drive = tmp_path / instance.uuid / "disk.config"
    drive.unlink()  # as after a crash between the definition and the drive
    assert not host.rebuild.is_done(instance, "t")
    assert host.rebuild.rebuild(spec) is PowerState.RUNNING
    assert on_drive(drive) == ascii(host.told[-1]).encode()


def test_a_rescued_guest_is_told_where_its_devices_are_then(tmp_path: Path) -> None:
    host, instance = Host(tmp_path), tagged()
    host.spawn(instance)
    spec = RescueSpec(instance=instance, image=image(), config_drive=host.content)
    assert host.rescue.rescue(spec) is PowerState.RUNNING
    second = replace(ROOT, address="0000:00:05.0", path="/dev/vdb")
    drive = tmp_path / instance.uuid / "disk.config.rescue"
    assert on_drive(drive) == ascii([NIC, second]).encode()
    assert host.definitions.addresses(instance) == [NIC, second]
    host.rescue.unrescue(instance, True)
    assert host.definitions.addresses(instance)[:2] == [NIC, ROOT]
    assert not drive.exists()
