# SPDX-License-Identifier: Apache-2.0
"""What flavors and images ask of a guest's hardware, as the emulator really gives it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from nova_lite.domain.devices import Vif
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import PowerState
from nova_lite.virt.driver import RootImage, SpawnSpec
from nova_lite.virt.libvirt.driver import LibvirtDriver
from tests.fixtures.libvirtd import Libvirtd
from tests.fixtures.servers import make_flavor
from tests.fixtures.wait import wait_for
from tests.integration.libvirt.guests import (
    MakeDriver,
    console,
    root_image,
    serial,
    small,
    wait_login,
)

FIRMWARE = Path("/usr/share/OVMF")
TIMEOUT = 120.0
SPECS = {
    "hw:watchdog_action": "poweroff",
    "hw:boot_menu": "true",
    "hw:virtio_packed_ring": "true",
    "quota:disk_read_bytes_sec": "104857600",
    "quota:disk_write_iops_sec": "2000",
}


@pytest.fixture
def root(guest_qcow2: Path) -> RootImage:
    return root_image(guest_qcow2)


@pytest.fixture
def made(driver: LibvirtDriver) -> Iterator[list[Instance]]:
    """Servers that are destroyed afterwards."""
    servers: list[Instance] = []
    yield servers
    for server in servers:
        driver.destroy(server)


def test_a_guest_boots_with_limits_and_devices(
    libvirtd: Libvirtd, driver: LibvirtDriver, made: list[Instance], root: RootImage
) -> None:
    instance = small(
        flavor=make_flavor(memory_mb=128, extra_specs=SPECS),
        image_properties={"hw_sound_model": "ac97"},
    )
    made.append(instance)
    assert driver.spawn(SpawnSpec(instance=instance, root=root)) is PowerState.RUNNING
    wait_login(driver, instance)
    tuned = libvirtd.virsh("blkdeviotune", instance.guest_name, "vda")
    assert "read_bytes_sec : 104857600" in " ".join(tuned.split())
    definition = libvirtd.virsh("dumpxml", instance.guest_name)
    assert "i6300esb" in definition and "ac97" in definition


@pytest.mark.skipif(not FIRMWARE.exists(), reason="needs the package ovmf")
def test_the_firmware_is_uefi(driver: LibvirtDriver, made: list[Instance], root: RootImage) -> None:
    """The small image boots from BIOS alone: that the firmware started is seen on the console."""
    instance = small(image_properties={"hw_firmware_type": "uefi"})
    made.append(instance)
    driver.spawn(SpawnSpec(instance=instance, root=root))
    wait_for(lambda: "BdsDxe" in console(driver, instance), TIMEOUT, "the UEFI firmware")


def test_a_running_guest_gets_an_interface_and_gives_it_back(
    libvirtd: Libvirtd, driver: LibvirtDriver, made: list[Instance], root: RootImage
) -> None:
    instance = small()
    made.append(instance)
    assert driver.interfaces is not None
    driver.spawn(SpawnSpec(instance=instance, root=root))
    wait_login(driver, instance)
    vif = replace(instance.vifs[0], port_id="another", mac="fa:16:3e:77:66:55")
    driver.interfaces.attach(instance, vif)
    with serial(libvirtd, driver, instance) as keyboard:
        keyboard.log_in()
        keyboard.type("cat /sys/class/net/*/address")
        wait_for(lambda: vif.mac in console(driver, instance), TIMEOUT, "the guest to see it")
        driver.interfaces.detach(instance, vif)
        keyboard.type("echo NOW; cat /sys/class/net/*/address; echo DONE")
        wait_for(lambda: "\nDONE" in after(driver, instance), TIMEOUT, "the guest to look again")
    assert vif.mac not in after(driver, instance)
    assert driver.power_state(instance) is PowerState.RUNNING


def test_a_guest_with_pci_express_has_room_for_interfaces(
    make_driver: MakeDriver, libvirtd: Libvirtd, made: list[Instance], root: RootImage
) -> None:
    driver = make_driver()
    instance = small(image_properties={"hw_machine_type": "q35"})
    made.append(instance)
    assert driver.interfaces is not None
    driver.spawn(SpawnSpec(instance=instance, root=root))
    wait_login(driver, instance)
    for number in range(4):
        mac = f"fa:16:3e:77:67:0{number}"
        driver.interfaces.attach(instance, replace(instance.vifs[0], port_id=mac, mac=mac))
    with serial(libvirtd, driver, instance) as keyboard:
        keyboard.log_in()
        keyboard.type("cat /sys/class/net/*/address")
        wait_for(lambda: mac in console(driver, instance), TIMEOUT, "the guest to see the last")


def test_an_interface_attached_while_off_is_there_afterwards(
    libvirtd: Libvirtd, driver: LibvirtDriver, made: list[Instance], root: RootImage
) -> None:
    instance = small()
    made.append(instance)
    assert driver.interfaces is not None
    driver.spawn(SpawnSpec(instance=instance, root=root))
    driver.power.stop(instance, 0)
    vif = Vif(port_id="late", network_id="n", mac="fa:16:3e:77:66:56", vif_type="user")
    driver.interfaces.attach(instance, vif)
    driver.power.start(instance)
    assert vif.mac in libvirtd.virsh("dumpxml", instance.guest_name)


def after(driver: LibvirtDriver, instance: Instance) -> str:
    """What the console shows behind the second look."""
    return console(driver, instance).rpartition("\nNOW")[2]


def test_a_password_by_the_agent(
    libvirtd: Libvirtd, driver: LibvirtDriver, made: list[Instance], root: RootImage
) -> None:
    """The new one lets in, as seen on the console."""
    instance = small()
    made.append(instance)
    assert driver.password is not None
    driver.spawn(SpawnSpec(instance=instance, root=root))
    wait_login(driver, instance)
    wait_for(lambda: "agent started" in console(driver, instance), TIMEOUT, "the agent")
    driver.password.set_password(instance, "root", "n3w-word")
    with serial(libvirtd, driver, instance) as keyboard:
        keyboard.log_in("n3w-word")


def test_an_interrupt_makes_the_kernel_complain(
    driver: LibvirtDriver, made: list[Instance], root: RootImage
) -> None:
    instance = small()
    made.append(instance)
    assert driver.crash_dump is not None
    driver.spawn(SpawnSpec(instance=instance, root=root))
    wait_login(driver, instance)
    driver.crash_dump.trigger(instance)
    wait_for(lambda: "NMI" in console(driver, instance), TIMEOUT, "the kernel to notice")
