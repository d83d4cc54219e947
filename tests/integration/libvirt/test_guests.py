# SPDX-License-Identifier: Apache-2.0
"""Guests that boot, and are switched: proved by what they themselves say."""

import os
import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from nova_lite.domain.devices import Vif
from nova_lite.domain.errors import BuildAborted, FaultedBuild, ImageUnacceptable
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import PowerState
from nova_lite.virt.driver import RootImage, SpawnSpec
from nova_lite.virt.libvirt.driver import LibvirtDriver
from nova_lite.virt.qemu_img import QemuImg
from tests.fixtures.libvirtd import Libvirtd
from tests.fixtures.servers import make_flavor
from tests.fixtures.settings import make_conf
from tests.integration.libvirt.guests import (
    MakeDriver,
    console,
    root_image,
    serial,
    small,
    start_counter,
    ticks,
    wait_login,
    wait_ready,
    wait_ticks,
)

GIB = 1 << 30
BOOT = re.compile(r"GUEST: boot number (\d+), root \S+ (\d+) MiB")


@pytest.fixture
def instance(driver: LibvirtDriver) -> Iterator[Instance]:
    made = small()
    yield made
    driver.destroy(made)


def of_guests(instances: Path) -> list[str]:
    """Folders that are not the driver's own."""
    return sorted({path.name for path in instances.iterdir()} - {"_base", "snapshots"})


def boots(driver: LibvirtDriver, instance: Instance) -> list[int]:
    return [int(m.group(1)) for m in BOOT.finditer(console(driver, instance))]


def test_a_life_of_power(
    libvirtd: Libvirtd, driver: LibvirtDriver, instance: Instance, root: RootImage
) -> None:
    """One guest through all the verbs: its counter stops and goes on, or it boots again."""
    assert driver.pause is not None and driver.suspend is not None
    driver.spawn(SpawnSpec(instance=instance, root=root))
    start_counter(libvirtd, driver, instance)

    # paused: no tick comes; afterwards the counter goes on
    assert driver.pause.pause(instance) is PowerState.PAUSED
    frozen = ticks(driver, instance)[-1]
    libvirtd.virsh("domstate", instance.guest_name)
    assert ticks(driver, instance)[-1] == frozen
    assert driver.pause.unpause(instance) is PowerState.RUNNING
    wait_ticks(driver, instance, frozen)

    # suspended: no process is left; resumed, the counter goes on, and nothing booted
    assert driver.suspend.suspend(instance) is PowerState.SHUTDOWN
    saved = ticks(driver, instance)[-1]
    assert libvirtd.virsh("list", "--name").split() == []
    assert driver.suspend.resume(instance) is PowerState.RUNNING
    wait_ticks(driver, instance, saved + 1)
    assert boots(driver, instance) == [1]

    # asked to reboot: the guest hears it, shuts down in order, and boots again
    assert driver.power.reboot(instance, False) is PowerState.RUNNING
    assert "GUEST: shutting down" in console(driver, instance)
    wait_ready(driver, instance, 2)
    assert boots(driver, instance) == [1, 2]

    # asked to stop: off by itself, long before the time is over
    wait_login(driver, instance)
    assert driver.power.stop(instance, 120) is PowerState.SHUTDOWN
    assert console(driver, instance).count("GUEST: shutting down") == 2
    assert driver.power.start(instance) is PowerState.RUNNING
    wait_ready(driver, instance, 3)

    # power cut and on again: no farewell
    assert driver.power.reboot(instance, True) is PowerState.RUNNING
    wait_ready(driver, instance, 4)
    assert console(driver, instance).count("GUEST: shutting down") == 2
    assert boots(driver, instance) == [1, 2, 3, 4]


def test_a_guest_that_does_not_react(
    libvirtd: Libvirtd, make_driver: MakeDriver, root: RootImage
) -> None:
    """In its first moments a guest hears no power button."""
    driver = make_driver(libvirt__wait_soft_reboot_seconds=1)
    instance = small()
    try:
        driver.spawn(SpawnSpec(instance=instance, root=root))
        assert driver.power.reboot(instance, False) is PowerState.RUNNING
        assert driver.power.stop(instance, 1) is PowerState.SHUTDOWN
        assert driver.power_state(instance) is PowerState.SHUTDOWN
    finally:
        driver.destroy(instance)


def test_the_disks_are_the_flavors(
    libvirtd: Libvirtd, driver: LibvirtDriver, root: RootImage, instances: Path
) -> None:
    flavor = make_flavor(memory_mb=128, root_gb=2, ephemeral_gb=1, swap_mb=64)
    instance = small(flavor=flavor)
    try:
        driver.spawn(SpawnSpec(instance=instance, root=root))
        wait_ready(driver, instance)
        grown = BOOT.search(console(driver, instance))
        assert grown is not None and 1900 < int(grown.group(2)) <= 2048
        wait_login(driver, instance)
        with serial(libvirtd, driver, instance) as keyboard:
            keyboard.log_in()
            keyboard.type("for d in vda vdb vdc; do echo SIZE $d $(cat /sys/block/$d/size); done")
            keyboard.wait_for("SIZE vdc ")
            keyboard.type("swapon /dev/vdc && mount /dev/vdb /mnt && echo both''-usable")
            keyboard.wait_for("both-usable")
        sizes = dict(re.findall(r"SIZE (vd\w) (\d+)", console(driver, instance)))
        assert {name: int(blocks) * 512 for name, blocks in sizes.items()} == {
            "vda": 2 * GIB,
            "vdb": GIB,
            "vdc": 64 << 20,
        }
        files = sorted(p.name for p in (instances / instance.uuid).iterdir())
        assert files == ["console.log", "disk", "disk.eph0", "disk.info", "disk.swap", "ssh-port"]
        assert driver.image_in_use(root.path)
    finally:
        driver.destroy(instance)
    assert not driver.image_in_use(root.path)
    assert of_guests(instances) == []


@pytest.mark.parametrize("base", ["qcow2", "raw"])
def test_flat_copies_boot(
    make_driver: MakeDriver, guest_qcow2: Path, base: str, tmp_path: Path
) -> None:
    driver = make_driver(libvirt__images_type="raw")
    root = root_image(guest_qcow2)
    if base == "raw":
        raw = tmp_path / "base.raw"
        QemuImg(make_conf()).convert(guest_qcow2, "qcow2", raw, "raw")
        root = RootImage(path=raw, format="raw", virtual_size=raw.stat().st_size)
    instance = small()
    try:
        driver.spawn(SpawnSpec(instance=instance, root=root))
        disk = tmp_path / "instances" / instance.uuid / "disk"
        assert disk.stat().st_size == GIB
        assert disk.stat().st_blocks * 512 < GIB // 4
        assert not driver.image_in_use(root.path)
        wait_ready(driver, instance)
    finally:
        driver.destroy(instance)


def test_the_screen_listens(
    libvirtd: Libvirtd, driver: LibvirtDriver, instance: Instance, root: RootImage
) -> None:
    driver.spawn(SpawnSpec(instance=instance, root=root))
    shown = libvirtd.virsh("vncdisplay", instance.guest_name).strip()
    host, _, number = shown.rpartition(":")
    with socket.create_connection((host or "127.0.0.1", 5900 + int(number)), timeout=30) as screen:
        assert screen.recv(4) == b"RFB "


def test_without_vnc_there_is_no_screen(
    libvirtd: Libvirtd, make_driver: MakeDriver, root: RootImage
) -> None:
    driver = make_driver(vnc__enabled=False)
    instance = small()
    try:
        driver.spawn(SpawnSpec(instance=instance, root=root))
        assert "<graphics" not in libvirtd.virsh("dumpxml", instance.guest_name)
    finally:
        driver.destroy(instance)


def test_what_the_guest_is_told_of_itself(
    libvirtd: Libvirtd, driver: LibvirtDriver, instance: Instance, root: RootImage
) -> None:
    driver.spawn(SpawnSpec(instance=instance, root=root))
    wait_login(driver, instance)
    with serial(libvirtd, driver, instance) as keyboard:
        keyboard.log_in()
        keyboard.type("cd /sys/class/dmi/id; cat product_serial product_name; echo all''-said")
        keyboard.wait_for("all-said")
    said = console(driver, instance)
    assert instance.uuid in said
    assert "OpenStack Compute" in said


@pytest.mark.skipif(os.geteuid() != 0, reason="sessions have no control groups")
def test_limits_reach_the_hypervisor(
    libvirtd: Libvirtd, driver: LibvirtDriver, root: RootImage
) -> None:
    specs = {
        "quota:cpu_shares": "512",
        "quota:cpu_period": "20000",
        "quota:cpu_quota": "15000",
        "hw:cpu_sockets": "1",
    }
    flavor = make_flavor(memory_mb=128, vcpus=2, extra_specs=specs)
    properties = {"hw_disk_bus": "ide", "hw_vif_model": "e1000", "hw_video_model": "cirrus"}
    instance = small(flavor=flavor, image_properties=properties)
    try:
        driver.spawn(SpawnSpec(instance=instance, root=root))
        xml = libvirtd.virsh("dumpxml", instance.guest_name)
        for part in ("<shares>512</shares>", "<quota>15000</quota>", "cores='2'", "bus='ide'"):
            assert part in xml
        assert "type='e1000'" in xml and "type='cirrus'" in xml
    finally:
        driver.destroy(instance)


def test_wishes_that_cannot_be_had_are_refused(
    driver: LibvirtDriver, root: RootImage, instances: Path
) -> None:
    flavor = make_flavor(memory_mb=128, extra_specs={"hw:cpu_policy": "dedicated"})
    with pytest.raises(BuildAborted, match="hw:cpu_policy=dedicated"):
        driver.spawn(SpawnSpec(instance=small(flavor=flavor), root=root))
    with pytest.raises(BuildAborted, match="volume"):
        driver.spawn(SpawnSpec(instance=small(), root=None))
    assert of_guests(instances) == []
    assert driver.list_guests() == []


def test_a_failed_spawn_leaves_nothing(
    driver: LibvirtDriver, root: RootImage, instances: Path, tmp_path: Path
) -> None:
    large = RootImage(path=root.path, format="qcow2", virtual_size=2 * GIB)
    with pytest.raises(ImageUnacceptable, match="larger"):
        driver.spawn(SpawnSpec(instance=small(), root=large))
    absent = RootImage(path=tmp_path / "absent", format="qcow2", virtual_size=1)
    with pytest.raises(FaultedBuild, match="disks cannot be made") as caught:
        driver.spawn(SpawnSpec(instance=small(), root=absent))
    assert str(tmp_path) not in str(caught.value)
    huge = small(flavor=make_flavor(memory_mb=1 << 30))
    with pytest.raises(FaultedBuild):
        driver.spawn(SpawnSpec(instance=huge, root=root))
    assert of_guests(instances) == []
    assert driver.list_guests() == []


def test_a_spawn_that_died_in_the_middle_is_repeated(
    driver: LibvirtDriver, instance: Instance, root: RootImage, instances: Path
) -> None:
    driver.spawn(SpawnSpec(instance=instance, root=root))
    driver.destroy(instance, keep_disks=True)  # as if it died before the definition
    (instances / instance.uuid / "disk").write_bytes(b"half")
    assert [(g.uuid, g.power_state) for g in driver.list_guests()] == [(instance.uuid, 0)]
    assert driver.spawn(SpawnSpec(instance=instance, root=root)) is PowerState.RUNNING
    wait_ready(driver, instance)


def test_the_console_log_is_bounded(
    driver: LibvirtDriver, instance: Instance, root: RootImage, instances: Path
) -> None:
    """The logger turns the file over; what was before is still read."""
    assert driver.console_log is not None
    driver.spawn(SpawnSpec(instance=instance, root=root))
    wait_login(driver, instance)
    assert driver.console_log.console_output(instance, 1).rstrip().endswith("login:")
    assert driver.console_log.console_output(instance, 5).count("\n") == 4
    path = instances / instance.uuid / "console.log"
    before = console(driver, instance)
    path.rename(path.with_name("console.log.0"))
    path.write_text("and after\n")
    assert console(driver, instance) == before + "and after\n"


@pytest.fixture
def bridge() -> Iterator[str]:
    """A bridge without addresses, that leads nowhere."""
    name = f"nlt{os.getpid() % 100000}"
    command = ["ip", "link", "add", name, "type", "bridge"]
    if os.geteuid() != 0 or subprocess.run(command, check=False).returncode:
        pytest.skip("needs the right to make a bridge")
    subprocess.run(["ip", "link", "set", name, "up"], check=True)
    yield name
    subprocess.run(["ip", "link", "del", name], check=True)


def test_interfaces_are_plugged_into_bridges(
    libvirtd: Libvirtd, driver: LibvirtDriver, root: RootImage, bridge: str
) -> None:
    vif = Vif(
        port_id="0badcafe-1111-4222-8333-444444444444",
        network_id="n",
        mac="fa:16:3e:0a:0b:0c",
        vif_type="bridge",
        details={"bridge_name": bridge},
        mtu=1400,
    )
    instance = small(vifs=[vif])
    try:
        driver.spawn(SpawnSpec(instance=instance, root=root))
        row = libvirtd.virsh("domiflist", instance.guest_name).split()
        assert row == ["tap0badcafe-11", "bridge", bridge, "virtio", vif.mac]
        ports = Path("/sys/class/net") / bridge / "brif"
        assert [p.name for p in ports.iterdir()] == ["tap0badcafe-11"]
        wait_login(driver, instance)
        with serial(libvirtd, driver, instance) as keyboard:
            keyboard.log_in()
            keyboard.type("echo MAC $(cat /sys/class/net/eth0/address)")
            keyboard.wait_for(f"MAC {vif.mac}")
    finally:
        driver.destroy(instance)
    assert not ports.exists() or not list(ports.iterdir())
