# SPDX-License-Identifier: Apache-2.0
"""Guests in user mode are reached by ssh, through a port of the host that they keep."""

import contextlib
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from nova_lite.compute.configdrive import DriveFiles
from nova_lite.domain import errors
from nova_lite.domain.instance import Instance
from nova_lite.domain.ssh import SshAddress
from nova_lite.virt.driver import RootImage, SpawnSpec
from nova_lite.virt.libvirt.driver import LibvirtDriver
from tests.fixtures.process import find_program, free_port
from tests.fixtures.settings import make_conf
from tests.fixtures.wait import wait_for
from tests.integration.libvirt.guests import MakeDriver, small

LOGIN = 180.0  # seconds; guests boot slowly on a busy machine
HERE = "127.0.0.1"
OPTIONS = (
    *("-n", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "LogLevel=ERROR"),
    *("-o", "UserKnownHostsFile=/dev/null", "-o", "IdentitiesOnly=yes", "-o", "ConnectTimeout=10"),
)

needs_ssh = pytest.mark.skipif(find_program("ssh-keygen") is None, reason="needs ssh")


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    return path


def log_in(key: Path, way: SshAddress, command: str) -> str:
    """What the command says in the guest; tried until the guest lets us in."""
    words = ["ssh", *OPTIONS, "-i", str(key), "-p", str(way.port), f"root@{way.address}", command]

    def tried() -> str:
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
        return done.stdout if done.returncode == 0 else ""

    return wait_for(tried, LOGIN, f"a login at {way.address}:{way.port}").strip()


def way_to(driver: LibvirtDriver, instance: Instance) -> SshAddress:
    assert driver.ssh is not None
    return driver.ssh.address(instance)


def three_ports() -> tuple[int, int]:
    """The first and the last of three neighbours that are free."""

    def found() -> int:
        first = free_port()
        with contextlib.suppress(OSError, OverflowError), contextlib.ExitStack() as stack:
            for port in (first, first + 1, first + 2):
                sock = stack.enter_context(socket.socket())
                sock.bind((HERE, port))
            return first
        return 0

    first = wait_for(found, 30, "three free ports in a row")
    return first, first + 2


@contextlib.contextmanager
def somebody_at(port: int) -> Iterator[None]:
    with socket.create_server((HERE, port)):
        yield


@needs_ssh
def test_the_key_of_the_server_logs_in_and_the_port_stays(
    make_driver: MakeDriver, root: RootImage, key: Path
) -> None:
    driver = make_driver()
    instance = small(
        config_drive=True,
        hostname="reached",
        key_name="mine",
        key_data=key.with_suffix(".pub").read_text(),
        key_type="ssh",
    )
    files = DriveFiles(make_conf()).of(instance, "/dev/vda", None)
    try:
        driver.spawn(SpawnSpec(instance=instance, root=root, config_drive=files))
        way = way_to(driver, instance)
        assert log_in(key, way, "hostname").startswith("reached")
        boot = log_in(key, way, "cat /proc/sys/kernel/random/boot_id")

        # a compute service that starts anew finds it
        driver = make_driver()
        assert way_to(driver, instance) == way
        assert log_in(key, way, "cat /proc/sys/kernel/random/boot_id") == boot

        # another emulator goes on with the same guest
        assert driver.suspend is not None
        driver.suspend.suspend(instance)
        driver.suspend.resume(instance)
        assert way_to(driver, instance) == way
        assert log_in(key, way, "cat /proc/sys/kernel/random/boot_id") == boot

        driver.power.reboot(instance, True)
        assert log_in(key, way, "cat /proc/sys/kernel/random/boot_id") != boot
        assert way_to(driver, instance) == way
    finally:
        driver.destroy(instance)


def test_no_two_guests_have_one_port(make_driver: MakeDriver, root: RootImage) -> None:
    first, last = three_ports()
    driver = make_driver(network__user_ssh_ports=f"{first}:{last}")
    made = [small() for _ in range(3)]
    try:
        with somebody_at(last):  # a program that has nothing to do with us
            driver.spawn(SpawnSpec(instance=made[0], root=root))
            had = way_to(driver, made[0]).port
            driver.power.stop(made[0], 0)
            # one that is off keeps its port
            driver.spawn(SpawnSpec(instance=made[1], root=root))
            assert {had, way_to(driver, made[1]).port} == {first, first + 1}
            # none is left: the guest runs without one, and says so
            driver.spawn(SpawnSpec(instance=made[2], root=root))
            with pytest.raises(errors.GuestOperationFailed, match="forward a port"):
                way_to(driver, made[2])
        # it gets one when it asks again
        assert way_to(driver, made[2]).port == last
        driver.destroy(made[2])

        # somebody else took the port meanwhile: another one, at once
        with somebody_at(had):
            driver.power.start(made[0])
            assert way_to(driver, made[0]).port == last
    finally:
        for instance in made:
            driver.destroy(instance)


def test_it_can_be_switched_off(make_driver: MakeDriver, root: RootImage, instances: Path) -> None:
    driver = make_driver(network__user_ssh=False)
    instance = small()
    assert driver.ssh is None
    try:
        driver.spawn(SpawnSpec(instance=instance, root=root))
        assert not (instances / instance.uuid / "ssh-port").exists()
    finally:
        driver.destroy(instance)


def test_a_guest_without_such_an_interface(make_driver: MakeDriver, root: RootImage) -> None:
    driver = make_driver()
    instance = small(vifs=[])
    try:
        driver.spawn(SpawnSpec(instance=instance, root=root))
        with pytest.raises(errors.SshNotForwarded):
            way_to(driver, instance)
    finally:
        driver.destroy(instance)
