# SPDX-License-Identifier: Apache-2.0
"""Copies of disks, as other guests see them: real guests that write, and boot from copies."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from nova_lite.domain.errors import GuestOperationFailed
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import PowerState
from nova_lite.virt.driver import RootImage, SnapshotFile, SpawnSpec
from nova_lite.virt.libvirt.driver import LibvirtDriver
from nova_lite.virt.qemu_img import QemuImg
from tests.fixtures.libvirtd import Libvirtd, SystemLibvirtd
from tests.fixtures.process import run
from tests.fixtures.settings import make_conf
from tests.integration.libvirt.guests import (
    MakeDriver,
    console,
    small,
    start_counter,
    ticks,
    wait_ready,
    wait_ticks,
)
from tests.integration.libvirt.test_rescue import Inside

NAME = "6c9a1f0e-0000-4000-8000-000000000001"


@pytest.fixture
def instance(driver: LibvirtDriver) -> Iterator[Instance]:
    made = small()
    yield made
    driver.destroy(made)


def take(driver: LibvirtDriver, instance: Instance, name: str = NAME) -> SnapshotFile:
    assert driver.snapshots is not None
    return driver.snapshots.take(instance, name, lambda: True)


def as_root(copy: SnapshotFile) -> RootImage:
    return RootImage(path=copy.path, format=copy.format, virtual_size=copy.virtual_size)


def facts(copy: SnapshotFile) -> Any:
    return QemuImg(make_conf()).info(copy.path)


def in_the_folder(instances: Path) -> list[str]:
    return sorted(path.name for path in (instances / "snapshots").iterdir())


def test_what_a_guest_wrote_is_in_the_copy(
    libvirtd: Libvirtd,
    driver: LibvirtDriver,
    instance: Instance,
    root: RootImage,
    instances: Path,
) -> None:
    """Copied while it runs; it goes on, and what it writes later is its own."""
    inside = Inside(libvirtd, driver, instance)
    driver.spawn(SpawnSpec(instance=instance, root=root))
    inside.ask("echo before > /root/mine")
    copy = take(driver, instance)
    assert driver.power_state(instance) is PowerState.RUNNING
    inside.ask("echo after > /root/mine")
    assert facts(copy).backing_file is None
    assert copy.virtual_size == instance.flavor.root_gb << 30
    assert in_the_folder(instances) == [copy.path.name]

    other = small(flavor=instance.flavor)
    try:
        driver.spawn(SpawnSpec(instance=other, root=as_root(copy)))
        assert "before" in Inside(libvirtd, driver, other).ask("cat /root/mine")
    finally:
        driver.destroy(other)
    assert driver.snapshots is not None
    driver.snapshots.drop(instance, NAME)
    assert in_the_folder(instances) == []


def test_a_guest_that_is_busy_does_not_notice(
    libvirtd: Libvirtd, driver: LibvirtDriver, instance: Instance, root: RootImage
) -> None:
    driver.spawn(SpawnSpec(instance=instance, root=root))
    start_counter(libvirtd, driver, instance)
    take(driver, instance)
    wait_ticks(driver, instance, ticks(driver, instance)[-1] + 2)
    assert console(driver, instance).count("TICK 1\n") <= 1


@pytest.mark.parametrize("image_format", ["qcow2", "raw"])
@pytest.mark.parametrize("off", [False, True])
def test_the_format_is_the_one_that_is_wanted(
    make_driver: MakeDriver, root: RootImage, image_format: str, off: bool
) -> None:
    driver = make_driver(libvirt__snapshot_image_format=image_format)
    instance = small()
    try:
        driver.spawn(SpawnSpec(instance=instance, root=root))
        if off:
            driver.power.stop(instance, 0)
        copy = take(driver, instance)
        found = facts(copy)
        assert (copy.format, found.format) == (image_format, image_format)
        assert found.backing_file is None
        assert found.disk_size < 200 << 20, "holes are holes"
    finally:
        driver.destroy(instance)


def test_copies_can_be_compressed(make_driver: MakeDriver, root: RootImage, tmp_path: Path) -> None:
    sizes = {}
    instance = small()
    plain = make_driver()
    try:
        plain.spawn(SpawnSpec(instance=instance, root=root))
        for number, compress in enumerate((False, True)):
            driver = make_driver(libvirt__snapshot_compression=compress)
            copy = take(driver, instance, f"copy-{number}")
            sizes[compress] = copy.path.stat().st_size
    finally:
        plain.destroy(instance)
    assert sizes[True] < sizes[False] * 0.9


# --- what goes wrong -----------------------------------------------------------------------------


@pytest.fixture
def little_room(libvirtd: Libvirtd, instances: Path, tmp_path: Path) -> Iterator[Path]:
    """A folder for copies with room for a few MiB, for us and for the tests' libvirtd, which has
    mounts of its own."""
    if not isinstance(libvirtd, SystemLibvirtd):
        pytest.skip("mounting a small file system needs root")
    file, folder = tmp_path / "little.img", instances / "little"
    folder.mkdir(parents=True)
    run(["truncate", "-s", "8M", str(file)])
    run(["mkfs.ext4", "-q", "-F", str(file)])
    if subprocess.run(["mount", "-o", "loop", str(file), str(folder)]).returncode:
        pytest.skip("there are no loop devices")
    try:
        device = run(["findmnt", "-no", "SOURCE", str(folder)]).strip()
        libvirtd.inside("mount", device, str(folder))
        yield folder
        libvirtd.inside("umount", "-l", str(folder))
    finally:
        run(["umount", "-l", str(folder)])


@pytest.mark.parametrize("off", [False, True])
def test_a_full_disk_leaves_nothing_and_does_not_hurt_the_guest(
    make_driver: MakeDriver,
    libvirtd: Libvirtd,
    root: RootImage,
    little_room: Path,
    off: bool,
) -> None:
    driver = make_driver(libvirt__snapshots_directory=str(little_room))
    instance = small()
    try:
        driver.spawn(SpawnSpec(instance=instance, root=root))
        if off:
            driver.power.stop(instance, 0)
        else:
            start_counter(libvirtd, driver, instance)
        with pytest.raises(GuestOperationFailed, match="(?i)space"):
            take(driver, instance)
        assert [path.name for path in little_room.iterdir()] == ["lost+found"]
        if not off:
            assert driver.power_state(instance) is PowerState.RUNNING
            wait_ticks(driver, instance, ticks(driver, instance)[-1])
            assert "mirror" not in libvirtd.virsh("dumpxml", instance.guest_name)
    finally:
        driver.destroy(instance)


def test_a_service_that_died_in_the_middle_leaves_no_mirror(
    libvirtd: Libvirtd,
    driver: LibvirtDriver,
    instance: Instance,
    root: RootImage,
    instances: Path,
) -> None:
    driver.spawn(SpawnSpec(instance=instance, root=root))
    wait_ready(driver, instance)
    part = instances / "snapshots" / f".part-{NAME}-0123"
    run(["qemu-img", "create", "-q", "-f", "qcow2", str(part), "1G"])
    flags = ["--reuse-external", "--transient-job", "--format", "qcow2"]
    libvirtd.virsh("blockcopy", instance.guest_name, "vda", str(part), *flags)
    assert "<mirror" in libvirtd.virsh("dumpxml", instance.guest_name)
    copy = take(driver, instance)
    assert in_the_folder(instances) == [copy.path.name]
    assert "<mirror" not in libvirtd.virsh("dumpxml", instance.guest_name)


def test_a_guest_that_goes_off_while_it_is_copied(
    driver: LibvirtDriver, instance: Instance, root: RootImage, instances: Path
) -> None:
    """Its disk is copied as that of any guest that is off."""
    driver.spawn(SpawnSpec(instance=instance, root=root))
    wait_ready(driver, instance)

    def wanted() -> bool:
        driver.power.stop(instance, 0)
        return True

    assert driver.snapshots is not None
    copy = driver.snapshots.take(instance, NAME, wanted)
    assert driver.power_state(instance) is PowerState.SHUTDOWN
    assert facts(copy).backing_file is None
    assert in_the_folder(instances) == [copy.path.name]


def test_libvirtd_restarts_while_a_guest_is_copied(
    libvirtd: Libvirtd,
    driver: LibvirtDriver,
    instance: Instance,
    root: RootImage,
    instances: Path,
) -> None:
    driver.spawn(SpawnSpec(instance=instance, root=root))
    wait_ready(driver, instance)
    restarted = []

    def wanted() -> bool:
        if not restarted:
            restarted.append(True)
            libvirtd.restart()
        return True

    assert driver.snapshots is not None
    copy = driver.snapshots.take(instance, NAME, wanted)
    assert facts(copy).backing_file is None
    assert in_the_folder(instances) == [copy.path.name]
    assert driver.power_state(instance) is PowerState.RUNNING
    assert "<mirror" not in libvirtd.virsh("dumpxml", instance.guest_name)


def test_old_copies_are_forgotten_at_start(
    make_driver: MakeDriver, driver: LibvirtDriver, instances: Path
) -> None:
    old, new = instances / "snapshots" / "a.qcow2", instances / "snapshots" / "b.qcow2"
    for path in (old, new):
        path.write_bytes(b"x")
    os.utime(old, (0, 0))
    make_driver()
    assert in_the_folder(instances) == [new.name]


# --- the agent -----------------------------------------------------------------------------------


def test_file_systems_rest_for_the_copy(
    libvirtd: Libvirtd, driver: LibvirtDriver, instance: Instance, root: RootImage
) -> None:
    """Nothing was written out by hand: the agent sees to it. It thaws them again."""
    properties = {"hw_qemu_guest_agent": "yes", "os_require_quiesce": "yes"}
    instance = replace(instance, image_properties=properties)
    inside = Inside(libvirtd, driver, instance)
    driver.spawn(SpawnSpec(instance=instance, root=root))
    inside.ask("echo before > /root/mine")
    copy = take(driver, instance)
    assert copy.path.exists()
    inside.ask("echo after > /root/mine && sync")
    status = libvirtd.virsh(
        "qemu-agent-command", instance.guest_name, '{"execute": "guest-fsfreeze-status"}'
    )
    assert "thawed" in status


@pytest.mark.parametrize(
    "properties",
    [
        {"os_require_quiesce": "yes"},
        {"os_require_quiesce": "yes", "hw_qemu_guest_agent": "yes"},
    ],
)
def test_what_must_rest_and_cannot_is_not_copied(
    driver: LibvirtDriver,
    instance: Instance,
    root: RootImage,
    instances: Path,
    properties: dict[str, str],
) -> None:
    """No agent is promised; or it is, and the guest has not come up yet."""
    instance = replace(instance, image_properties=properties)
    driver.spawn(SpawnSpec(instance=instance, root=root))
    with pytest.raises(GuestOperationFailed):
        take(driver, instance)
    assert in_the_folder(instances) == []
    assert driver.power_state(instance) is PowerState.RUNNING
    driver.power.stop(instance, 0)
    assert take(driver, instance).path.exists(), "one that is off rests"
