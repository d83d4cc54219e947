# SPDX-License-Identifier: Apache-2.0
"""Servers of these tests, and what their guests say."""

import re
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nova_lite.domain.devices import Vif
from nova_lite.domain.instance import Instance
from nova_lite.virt.driver import RootImage
from nova_lite.virt.libvirt.driver import LibvirtDriver
from nova_lite.virt.qemu_img import QemuImg
from tests.fixtures.libvirtd import Libvirtd
from tests.fixtures.serial import PASSWORD, TIMEOUT, Serial
from tests.fixtures.servers import make_flavor, make_instance
from tests.fixtures.settings import make_conf
from tests.fixtures.wait import wait_for

READY = "GUEST: ready"

MakeDriver = Callable[..., LibvirtDriver]


def root_image(path: Path) -> RootImage:
    """An image file, as the image cache gives it."""
    info = QemuImg(make_conf()).info(path)
    return RootImage(path=path, format=info.format, virtual_size=info.virtual_size)


def small(**fields: Any) -> Instance:
    """A server that the small guest image boots on, with an interface of its own."""
    number = uuid.uuid4().hex
    vif = Vif(
        port_id=str(uuid.uuid4()),
        network_id=str(uuid.uuid4()),
        mac=f"fa:16:3e:{number[0:2]}:{number[2:4]}:{number[4:6]}",
        vif_type="user",
    )
    return make_instance(**{"flavor": make_flavor(memory_mb=128), "vifs": [vif], **fields})


def console(driver: LibvirtDriver, instance: Instance) -> str:
    assert driver.console_log is not None
    return driver.console_log.console_output(instance, None)


def wait_ready(driver: LibvirtDriver, instance: Instance, times: int = 1) -> None:
    """Until the guest has come up so many times."""
    wait_for(
        lambda: console(driver, instance).count(READY) >= times,
        TIMEOUT,
        f"the guest to be ready {times} times",
    )


def wait_login(driver: LibvirtDriver, instance: Instance) -> None:
    wait_for(
        lambda: console(driver, instance).rstrip().endswith("login:"), TIMEOUT, "a login prompt"
    )


def serial(libvirtd: Libvirtd, driver: LibvirtDriver, instance: Instance) -> Serial:
    pty = libvirtd.virsh("ttyconsole", instance.guest_name).strip()
    return Serial(pty, lambda: console(driver, instance))


def ticks(driver: LibvirtDriver, instance: Instance) -> list[int]:
    """What the guest's counter has written, see `start_counter`."""
    return [int(n) for n in re.findall(r"TICK (\d+)", console(driver, instance))]


def start_counter(libvirtd: Libvirtd, driver: LibvirtDriver, instance: Instance) -> None:
    """Log in, and leave behind a counter that writes a line each second."""
    wait_login(driver, instance)
    with serial(libvirtd, driver, instance) as keyboard:
        keyboard.log_in()
        loop = "i=0; while :; do i=$((i+1)); echo TICK $i; sleep 1; done"
        keyboard.type(f"({loop}) > /dev/ttyS0 &")
        keyboard.wait_for("TICK 2")


def wait_ticks(driver: LibvirtDriver, instance: Instance, above: int) -> None:
    wait_for(
        lambda: max(ticks(driver, instance), default=0) > above,
        TIMEOUT,
        f"the guest's counter to pass {above}",
    )


class Inside:
    """Types into a guest, and reads what it answers."""

    def __init__(self, libvirtd: Libvirtd, driver: LibvirtDriver, instance: Instance) -> None:
        self._of = (libvirtd, driver, instance)
        self._said = 0

    def ask(self, *lines: str, password: str = PASSWORD) -> str:
        """Log in at the prompt that is there, type, and give back what came."""
        libvirtd, driver, instance = self._of
        wait_login(driver, instance)
        before = len(console(driver, instance))
        self._said += 1
        end = f"end-{self._said}-of-it"
        with serial(libvirtd, driver, instance) as keyboard:
            keyboard.log_in(password)
            for line in lines:
                keyboard.type(line)
            keyboard.type(f"echo {end[:3]}''{end[3:]}; sync; exit")
            keyboard.wait_for(end)
        return console(driver, instance)[before:]


def disk_files_of(instances: Path, instance: Instance) -> list[str]:
    return sorted(path.name for path in (instances / instance.uuid).glob("disk*"))
