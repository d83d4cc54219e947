# SPDX-License-Identifier: Apache-2.0
"""Guests that boot from another disk, and see their own beside it: said by themselves."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from nova_lite.compute.configdrive import DriveFiles
from nova_lite.domain.errors import GuestOperationFailed
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import PowerState, VmState
from nova_lite.virt.driver import RescueSpec, RootImage, SpawnSpec
from nova_lite.virt.libvirt.driver import LibvirtDriver
from tests.fixtures.libvirtd import Libvirtd
from tests.fixtures.servers import make_flavor
from tests.fixtures.settings import make_conf
from tests.integration.libvirt.guests import Inside, MakeDriver, disk_files_of, small, wait_ready

STABLE = {"hw_rescue_device": "disk", "hw_rescue_bus": "virtio"}


@pytest.fixture
def instance(driver: LibvirtDriver) -> Iterator[Instance]:
    made = small(flavor=make_flavor(memory_mb=128, ephemeral_gb=1))
    yield made
    driver.destroy(made)


def test_a_guest_is_mended_from_a_rescue_disk(
    libvirtd: Libvirtd,
    driver: LibvirtDriver,
    instance: Instance,
    root: RootImage,
    instances: Path,
) -> None:
    """What the guest wrote is on its second disk; what is written there is there afterwards."""
    assert driver.rescue is not None
    inside = Inside(libvirtd, driver, instance)
    driver.spawn(SpawnSpec(instance=instance, root=root))
    inside.ask("echo lost > /root/mine")
    driver.power.stop(instance, 120)

    spec = RescueSpec(instance=instance, image=root)
    assert driver.rescue.rescue(spec) is PowerState.RUNNING
    assert "disk.rescue" in disk_files_of(instances, instance)
    assert driver.image_in_use(root.path)
    wait_ready(driver, instance, 2)
    said = inside.ask(
        "ls /root/mine",
        "for d in /sys/block/vd*; do echo SIZE $(basename $d) $(($(cat $d/size) / 2048)); done",
        "mount /dev/vdb2 /mnt && echo WAS $(cat /mnt/root/mine)",
        "echo mended > /mnt/root/mine && umount /mnt",
    )
    assert "No such file" in said
    assert "WAS lost" in said
    assert "SIZE vdb 1024" in said and "SIZE vdc" not in said
    assert f"SIZE vda {root.virtual_size >> 20}" in said

    # a crash of this service at any point of it: everything once more, by another one
    rescued = replace(instance, vm_state=VmState.RESCUED)
    assert driver.rescue.rescue(spec) is PowerState.RUNNING
    assert driver.rescue.unrescue(rescued, True) is PowerState.RUNNING
    wait_ready(driver, instance, 3)
    assert "mended" in inside.ask("cat /root/mine", "ls /dev/vdb")
    assert disk_files_of(instances, instance) == ["disk", "disk.eph0", "disk.info"]
    xml = libvirtd.virsh("dumpxml", "--inactive", instance.guest_name)
    assert "disk.rescue" not in xml


def test_a_stable_rescue_keeps_all_disks_where_they_are(
    libvirtd: Libvirtd, driver: LibvirtDriver, instance: Instance, root: RootImage
) -> None:
    assert driver.rescue is not None
    inside = Inside(libvirtd, driver, instance)
    driver.spawn(SpawnSpec(instance=instance, root=root))
    inside.ask("echo lost > /root/mine")
    driver.power.stop(instance, 120)
    driver.rescue.rescue(RescueSpec(instance=instance, image=root, properties=STABLE))
    wait_ready(driver, instance, 2)
    said = inside.ask(
        "for d in /sys/block/vd*; do echo SIZE $(basename $d) $(($(cat $d/size) / 2048)); done",
        "mount /dev/vda2 /mnt && echo WAS $(cat /mnt/root/mine)",
    )
    assert "SIZE vda 1024" in said and "SIZE vdb 1024" in said
    assert f"SIZE vdc {root.virtual_size >> 20}" in said


def test_a_cd_to_rescue_from(
    libvirtd: Libvirtd, driver: LibvirtDriver, instance: Instance, root: RootImage
) -> None:
    assert driver.rescue is not None
    driver.spawn(SpawnSpec(instance=instance, root=root))
    spec = RescueSpec(instance=instance, image=root, properties={"hw_rescue_device": "cdrom"})
    assert driver.rescue.rescue(spec) is PowerState.RUNNING
    row = libvirtd.virsh("domblklist", "--details", instance.guest_name)
    (cd,) = [line.split() for line in row.splitlines() if "disk.rescue" in line]
    assert cd[:3] == ["file", "cdrom", "hda"]


@pytest.mark.parametrize(
    "properties",
    [
        {"hw_rescue_device": "floppy"},
        {"hw_rescue_device": "cdrom", "hw_rescue_bus": "virtio"},
        {"hw_rescue_bus": "none-such"},
    ],
)
def test_what_cannot_be_had_leaves_the_guest_alone(
    driver: LibvirtDriver,
    instance: Instance,
    root: RootImage,
    instances: Path,
    properties: dict[str, str],
) -> None:
    assert driver.rescue is not None
    driver.spawn(SpawnSpec(instance=instance, root=root))
    before = disk_files_of(instances, instance)
    spec = RescueSpec(instance=instance, image=root, properties=properties)
    with pytest.raises(GuestOperationFailed, match="hw_rescue|bus"):
        driver.rescue.check(spec)
    with pytest.raises(GuestOperationFailed, match="hw_rescue|bus"):
        driver.rescue.rescue(spec)
    assert disk_files_of(instances, instance) == before
    assert driver.power_state(instance) is PowerState.RUNNING
    driver.rescue.unrescue(instance, True)
    assert driver.power_state(instance) is PowerState.RUNNING


def test_a_disk_that_cannot_be_made(
    driver: LibvirtDriver, instance: Instance, root: RootImage, instances: Path, tmp_path: Path
) -> None:
    assert driver.rescue is not None
    driver.spawn(SpawnSpec(instance=instance, root=root))
    absent = RootImage(path=tmp_path / "absent", format="qcow2", virtual_size=1 << 20)
    with pytest.raises(GuestOperationFailed, match="disk cannot be made") as caught:
        driver.rescue.rescue(RescueSpec(instance=instance, image=absent))
    assert str(tmp_path) not in str(caught.value)
    driver.rescue.unrescue(instance, True)
    assert driver.power_state(instance) is PowerState.RUNNING
    assert "disk.rescue" not in disk_files_of(instances, instance)


def test_a_hard_reboot_ends_what_a_rescue_that_failed_left(
    libvirtd: Libvirtd,
    make_driver: MakeDriver,
    instance: Instance,
    root: RootImage,
    instances: Path,
) -> None:
    """A server in ERROR whose guest runs from the rescue disk; and one that is rescued, which
    goes on with it."""
    driver = make_driver()
    assert driver.rescue is not None
    driver.spawn(SpawnSpec(instance=instance, root=root))
    driver.rescue.rescue(RescueSpec(instance=instance, image=root))
    driver.power.reboot(replace(instance, vm_state=VmState.RESCUED), True)
    assert "disk.rescue" in libvirtd.virsh("domblklist", instance.guest_name)
    driver.power.reboot(replace(instance, vm_state=VmState.ERROR), True)
    assert "disk.rescue" not in libvirtd.virsh("domblklist", instance.guest_name)
    assert "disk.rescue" not in disk_files_of(instances, instance)


def test_the_config_drive_has_the_password_of_the_rescue(
    libvirtd: Libvirtd, driver: LibvirtDriver, root: RootImage, instances: Path
) -> None:
    """With which one logs in; and its own one again afterwards."""
    assert driver.rescue is not None
    instance = small(config_drive=True)
    told = DriveFiles(make_conf())
    inside = Inside(libvirtd, driver, instance)
    look = "mount -t iso9660 /dev/sr0 /mnt; cat /mnt/openstack/latest/meta_data.json; umount /mnt"
    try:
        files = told.of(instance, "/dev/vda", "first-word")
        driver.spawn(SpawnSpec(instance=instance, root=root, config_drive=files))
        assert "first-word" in inside.ask(look, password="first-word")
        before = disk_files_of(instances, instance)
        files = told.of(instance, "/dev/vda", "second-word")
        driver.rescue.rescue(RescueSpec(instance=instance, image=root, config_drive=files))
        wait_ready(driver, instance, 2)
        said = inside.ask(look, password="second-word")
        assert "second-word" in said and "first-word" not in said
        driver.rescue.unrescue(instance, True)
        assert disk_files_of(instances, instance) == before
        wait_ready(driver, instance, 3)
        assert "first-word" in inside.ask(look, password="first-word")
    finally:
        driver.destroy(instance)
