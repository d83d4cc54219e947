# SPDX-License-Identifier: Apache-2.0
"""A host whose disk is full: what cannot be made is not half made, and guests that are there
are not hurt."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from nova_lite.domain.errors import FaultedBuild, GuestOperationFailed
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import PowerState
from nova_lite.virt.driver import GuestEvent, RebuildSpec, RescueSpec, RootImage, SpawnSpec
from nova_lite.virt.libvirt.driver import LibvirtDriver
from tests.fixtures.libvirtd import Libvirtd, SystemLibvirtd
from tests.fixtures.process import run
from tests.fixtures.serial import TIMEOUT
from tests.fixtures.wait import wait_for
from tests.integration.libvirt.guests import (
    Inside,
    MakeDriver,
    disk_files_of,
    serial,
    small,
    wait_login,
    wait_ready,
)

ROOM = 100 << 20  # for one guest whose disk is a copy, and not for two


@pytest.fixture
def little_room(libvirtd: Libvirtd, instances: Path, tmp_path: Path) -> Iterator[Path]:
    """The folder of the guests is a file system of its own, for libvirt's emulators too, who have
    mounts of their own."""
    if not isinstance(libvirtd, SystemLibvirtd):
        pytest.skip("mounting a small file system needs root")
    file = tmp_path / "little.img"
    instances.mkdir(parents=True)
    run(["truncate", "-s", str(ROOM), str(file)])
    run(["mkfs.ext4", "-q", "-F", "-m", "0", "-O", "^has_journal", str(file)])
    if subprocess.run(["mount", "-o", "loop", str(file), str(instances)]).returncode:
        pytest.skip("there are no loop devices")
    try:
        device = run(["findmnt", "-no", "SOURCE", str(instances)]).strip()
        libvirtd.inside("mount", device, str(instances))
        yield instances
        libvirtd.inside("umount", "-l", str(instances))
    finally:
        run(["umount", "-l", str(instances)])


@pytest.fixture
def driver(make_driver: MakeDriver, little_room: Path) -> LibvirtDriver:
    return make_driver(libvirt__images_type="raw")


@pytest.fixture
def guest(driver: LibvirtDriver, root: RootImage) -> Iterator[Instance]:
    """One that fits, and runs."""
    made = small()
    driver.spawn(SpawnSpec(instance=made, root=root))
    wait_ready(driver, made)
    yield made
    driver.destroy(made)


def fill(folder: Path, leave: int) -> Path:
    """A file that takes all room but so many bytes."""
    path = folder / "filler"
    found = run(["df", "--output=avail", "-B1", str(folder)]).split()[-1]
    run(["fallocate", "-l", str(int(found) - leave), str(path)])
    return path


def test_a_guest_that_does_not_fit(
    driver: LibvirtDriver, guest: Instance, root: RootImage, little_room: Path
) -> None:
    fill(little_room, 8 << 20)
    instance = small()
    with pytest.raises(FaultedBuild, match="No space left") as caught:
        driver.spawn(SpawnSpec(instance=instance, root=root))
    assert str(little_room) not in str(caught.value)
    assert not (little_room / instance.uuid).exists()
    assert [one.uuid for one in driver.list_guests()] == [guest.uuid]
    assert driver.power_state(guest) is PowerState.RUNNING


def test_a_rescue_that_does_not_fit(
    driver: LibvirtDriver, guest: Instance, root: RootImage, little_room: Path
) -> None:
    assert driver.rescue is not None
    before = disk_files_of(little_room, guest)
    filler = fill(little_room, 8 << 20)
    with pytest.raises(GuestOperationFailed, match="No space left"):
        driver.rescue.rescue(RescueSpec(instance=guest, image=root))
    assert driver.power_state(guest) is PowerState.RUNNING
    assert driver.rescue.unrescue(guest, True) is PowerState.RUNNING
    assert disk_files_of(little_room, guest) == before
    filler.unlink()
    assert driver.rescue.rescue(RescueSpec(instance=guest, image=root)) is PowerState.RUNNING
    wait_ready(driver, guest, 2)


def test_a_rebuild_that_does_not_fit(
    driver: LibvirtDriver, guest: Instance, root: RootImage, little_room: Path
) -> None:
    """Nothing is left of the guest; as soon as there is room, it is made."""
    assert driver.rebuild is not None
    spec = RebuildSpec(instance=guest, root=root, token="x")
    driver.destroy(guest)
    filler = fill(little_room, 8 << 20)
    with pytest.raises(FaultedBuild, match="No space left"):
        driver.rebuild.rebuild(spec)
    assert not (little_room / guest.uuid).exists() and driver.list_guests() == []
    filler.unlink()
    assert driver.rebuild.rebuild(spec) is PowerState.RUNNING
    wait_ready(driver, guest)


def test_a_guest_that_fills_the_disk_is_held_and_goes_on(
    libvirtd: Libvirtd, driver: LibvirtDriver, guest: Instance, little_room: Path
) -> None:
    """It does not see errors: it is paused, and writes on when there is room."""
    assert driver.events is not None and driver.pause is not None
    heard: list[GuestEvent] = []
    driver.events.listen(heard.append)
    filler = fill(little_room, 4 << 20)
    wait_login(driver, guest)
    with serial(libvirtd, driver, guest) as keyboard:
        keyboard.log_in()
        keyboard.type("dd if=/dev/urandom of=/root/large bs=1M count=16 && sync && echo all''-in")
        held = GuestEvent(uuid=guest.uuid, power_state=PowerState.PAUSED)
        wait_for(lambda: held in heard, TIMEOUT, "the guest to be held")
        assert driver.power_state(guest) is PowerState.PAUSED
        filler.unlink()
        assert driver.pause.unpause(guest) is PowerState.RUNNING
        keyboard.wait_for("all-in")
        keyboard.type("exit")
    assert "16777216" in Inside(libvirtd, driver, guest).ask("wc -c /root/large")


def test_a_guest_that_is_held_is_rebooted(
    libvirtd: Libvirtd, driver: LibvirtDriver, guest: Instance, little_room: Path
) -> None:
    filler = fill(little_room, 4 << 20)
    wait_login(driver, guest)
    with serial(libvirtd, driver, guest) as keyboard:
        keyboard.log_in()
        keyboard.type("dd if=/dev/urandom of=/root/large bs=1M count=16; sync")
        wait_for(lambda: driver.power_state(guest) is PowerState.PAUSED, TIMEOUT, "it to be held")
    filler.unlink()
    assert driver.power.reboot(guest, True) is PowerState.RUNNING
    wait_ready(driver, guest, 2)
