# SPDX-License-Identifier: Apache-2.0
"""Screens and serial ports of real guests, at the addresses that the driver tells."""

import socket
import struct

import pytest

from nova_lite.domain import errors
from nova_lite.domain.console import ConsoleAddress, ConsoleType
from nova_lite.virt.driver import RootImage, SpawnSpec
from nova_lite.virt.libvirt.driver import LibvirtDriver
from tests.fixtures.serial import TIMEOUT
from tests.fixtures.wait import wait_for
from tests.integration.libvirt.guests import MakeDriver, console, small, wait_login

ALL = {"spice__enabled": True, "serial_console__enabled": True}


def reach(address: ConsoleAddress) -> socket.socket:
    assert address.port is not None
    sock = socket.create_connection((address.host, address.port), TIMEOUT)
    sock.settimeout(TIMEOUT)
    return sock


def where(driver: LibvirtDriver, instance: object, kind: ConsoleType) -> ConsoleAddress:
    assert driver.consoles is not None
    return driver.consoles.address(instance, kind)  # type: ignore[arg-type]


def test_a_guest_is_seen_by_vnc_and_spice_and_typed_at_by_serial_port(
    make_driver: MakeDriver, root: RootImage
) -> None:
    driver = make_driver(**ALL)
    instance = small()
    try:
        driver.spawn(SpawnSpec(instance=instance, root=root))
        with reach(where(driver, instance, ConsoleType.NOVNC)) as vnc:
            assert vnc.recv(12).startswith(b"RFB 003.")
        spice_address = where(driver, instance, ConsoleType.SPICE_HTML5)
        with reach(spice_address) as spice:
            link = struct.pack("<IBBIII", 0, 1, 0, 0, 0, 18)
            spice.sendall(b"REDQ" + struct.pack("<III", 2, 2, len(link)) + link)
            assert spice.recv(4) == b"REDQ"
        wait_login(driver, instance)
        with reach(where(driver, instance, ConsoleType.SERIAL)) as serial:
            serial.sendall(b"root\r")
            wait_for(lambda: "Password" in console(driver, instance), TIMEOUT, "a password prompt")
        # Ports are the guest's own, and a definition that is written anew keeps that of the
        # serial port.
        before = where(driver, instance, ConsoleType.SERIAL)
        driver.power.reboot(instance, True)
        assert where(driver, instance, ConsoleType.SERIAL) == before
    finally:
        driver.destroy(instance)


def test_two_guests_have_two_serial_ports_until_none_is_left(
    make_driver: MakeDriver, root: RootImage
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        first = taken.getsockname()[1]
        wide = f"{first}:{first + 40}"
        driver = make_driver(**ALL, serial_console__port_range=wide)
        one, two = small(), small()
        try:
            for instance in (one, two):
                driver.spawn(SpawnSpec(instance=instance, root=root))
            ports = {where(driver, each, ConsoleType.SERIAL).port for each in (one, two)}
            assert len(ports) == 2 and first not in ports
            narrow = make_driver(**ALL, serial_console__port_range=f"{first}:{first}")
            with pytest.raises(errors.BuildAborted, match="port_range"):
                narrow.spawn(SpawnSpec(instance=small(), root=root))
        finally:
            for instance in (one, two):
                driver.destroy(instance)


def test_a_guest_without_a_console_says_so(driver: LibvirtDriver, root: RootImage) -> None:
    instance = small()
    try:
        driver.spawn(SpawnSpec(instance=instance, root=root))
        for kind in (ConsoleType.SERIAL, ConsoleType.SPICE_HTML5, ConsoleType.WEBMKS):
            with pytest.raises(errors.ConsoleTypeUnavailable):
                where(driver, instance, kind)
    finally:
        driver.destroy(instance)
