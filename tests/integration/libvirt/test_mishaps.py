# SPDX-License-Identifier: Apache-2.0
"""Things that go wrong around guests, and guests that are not ours."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from nova_lite.domain.errors import HypervisorUnavailable
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import PowerState
from nova_lite.virt.driver import GuestEvent, RootImage, SpawnSpec
from nova_lite.virt.libvirt.driver import LibvirtDriver
from nova_lite.virt.qemu_img import QemuImg
from tests.fixtures.libvirtd import Libvirtd
from tests.fixtures.serial import TIMEOUT
from tests.fixtures.settings import make_conf
from tests.fixtures.wait import wait_for
from tests.integration.libvirt.guests import (
    MakeDriver,
    small,
    start_counter,
    ticks,
    wait_ready,
    wait_ticks,
)


@pytest.fixture
def instance(driver: LibvirtDriver) -> Iterator[Instance]:
    made = small()
    yield made
    driver.destroy(made)


class Ear:
    """What a driver's events said."""

    def __init__(self, driver: LibvirtDriver) -> None:
        self.heard: list[GuestEvent] = []
        assert driver.events is not None
        driver.events.listen(self.heard.append)

    def wait(self, instance: Instance, state: PowerState, since: int = 0) -> None:
        wait_for(
            lambda: GuestEvent(uuid=instance.uuid, power_state=state) in self.heard[since:],
            TIMEOUT,
            f"an event that says {state.name}",
        )


def emulator_of(instance: Instance) -> int:
    """The process of a guest."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                command = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if b"qemu-system" in command and instance.uuid.encode() in command:
                return int(folder.name)
    raise AssertionError(f"no process of {instance.uuid}")


def test_a_guest_that_is_killed(driver: LibvirtDriver, instance: Instance, root: RootImage) -> None:
    ear = Ear(driver)
    driver.spawn(SpawnSpec(instance=instance, root=root))
    ear.wait(instance, PowerState.RUNNING)
    os.kill(emulator_of(instance), signal.SIGKILL)
    ear.wait(instance, PowerState.SHUTDOWN)
    assert driver.power_state(instance) is PowerState.SHUTDOWN
    assert driver.power.start(instance) is PowerState.RUNNING


def test_a_guest_that_is_paused_by_hand(
    libvirtd: Libvirtd, driver: LibvirtDriver, instance: Instance, root: RootImage
) -> None:
    ear = Ear(driver)
    driver.spawn(SpawnSpec(instance=instance, root=root))
    libvirtd.virsh("suspend", instance.guest_name)
    ear.wait(instance, PowerState.PAUSED)
    libvirtd.virsh("resume", instance.guest_name)
    ear.wait(instance, PowerState.RUNNING, since=len(ear.heard) - 1)


@pytest.mark.parametrize("how", ["restarted", "killed"])
def test_libvirtd_goes_and_comes_back(
    libvirtd: Libvirtd, driver: LibvirtDriver, instance: Instance, root: RootImage, how: str
) -> None:
    """Guests run on; calls, and events, work again by themselves."""
    ear = Ear(driver)
    driver.spawn(SpawnSpec(instance=instance, root=root))
    start_counter(libvirtd, driver, instance)
    last = ticks(driver, instance)[-1]
    process = emulator_of(instance)
    before = len(ear.heard)
    if how == "restarted":
        libvirtd.restart()
    else:
        libvirtd.kill()
        with pytest.raises(HypervisorUnavailable):
            wait_for(lambda: driver.power_state(instance) is None, TIMEOUT, "an error")
        libvirtd.start()
    ear.wait(instance, PowerState.RUNNING, since=before)  # it was looked at again
    assert driver.power_state(instance) is PowerState.RUNNING
    assert emulator_of(instance) == process
    wait_ticks(driver, instance, last)
    before = len(ear.heard)
    os.kill(process, signal.SIGKILL)
    ear.wait(instance, PowerState.SHUTDOWN, since=before)


def test_libvirtd_restarts_while_a_guest_is_asked_to_stop(
    libvirtd: Libvirtd, driver: LibvirtDriver, instance: Instance, root: RootImage
) -> None:
    driver.spawn(SpawnSpec(instance=instance, root=root))
    wait_ready(driver, instance)
    libvirtd.restart()
    assert driver.power.stop(instance, 120) is PowerState.SHUTDOWN


def test_a_guest_that_stopped_while_nobody_listened(
    libvirtd: Libvirtd, driver: LibvirtDriver, instance: Instance, root: RootImage
) -> None:
    ear = Ear(driver)
    driver.spawn(SpawnSpec(instance=instance, root=root))
    ear.wait(instance, PowerState.RUNNING)
    process = emulator_of(instance)
    libvirtd.kill()
    os.kill(process, signal.SIGKILL)
    before = len(ear.heard)
    libvirtd.start()
    ear.wait(instance, PowerState.SHUTDOWN, since=before)


def test_a_guest_defined_by_hand_is_left_alone(
    libvirtd: Libvirtd,
    driver: LibvirtDriver,
    instance: Instance,
    root: RootImage,
    guest_qcow2: Path,
    tmp_path: Path,
) -> None:
    """Also when it has the name that one of ours should have."""
    disk = tmp_path / "by-hand.qcow2"
    QemuImg(make_conf()).create_overlay(disk, guest_qcow2, "qcow2", 1 << 28)
    name = instance.guest_name
    text = (
        f"<domain type='qemu'><name>{name}</name><memory unit='MiB'>64</memory>"
        "<os><type>hvm</type></os><devices>"
        f"<disk type='file'><driver name='qemu' type='qcow2'/><source file='{disk}'/>"
        "<target dev='vda' bus='virtio'/></disk></devices></domain>"
    )
    (tmp_path / "by-hand.xml").write_text(text)
    libvirtd.virsh("create", str(tmp_path / "by-hand.xml"))
    try:
        assert [(g.name, g.uuid) for g in driver.list_guests()] == [(name, None)]
        driver.spawn(SpawnSpec(instance=instance, root=root))
        mine = f"{name}-{instance.uuid[:8]}"
        assert {g.name: g.uuid for g in driver.list_guests()} == {name: None, mine: instance.uuid}
        driver.destroy(instance)
        assert libvirtd.domains() == [name]
        assert libvirtd.virsh("domstate", name).strip() == "running"
    finally:
        libvirtd.virsh("destroy", name)


def test_services_that_share_a_libvirt_have_their_own_guests(
    make_driver: MakeDriver, root: RootImage, tmp_path: Path
) -> None:
    one = make_driver("cpu-1", instances_path=str(tmp_path / "one"))
    two = make_driver("cpu-2", instances_path=str(tmp_path / "two"))
    assert one.nodes() == ["cpu-1"] and two.nodes() == ["cpu-2"]
    assert one.report("cpu-1").node_uuid != two.report("cpu-2").node_uuid
    instance = small()
    try:
        one.spawn(SpawnSpec(instance=instance, root=root))
        assert [g.uuid for g in one.list_guests()] == [instance.uuid]
        assert [g.uuid for g in two.list_guests()] == [None]
    finally:
        one.destroy(instance)


def test_what_a_crash_left_is_removed_at_start(make_driver: MakeDriver, instances: Path) -> None:
    doomed = instances / "11111111-2222-4333-8444-555555555555_del"
    doomed.mkdir(parents=True)
    (doomed / "disk").write_bytes(b"x")
    (instances / "_base").mkdir()
    make_driver()
    assert not doomed.exists() and (instances / "_base").is_dir()
