# SPDX-License-Identifier: Apache-2.0
"""A real guest reads its config drive, and does what it says."""

import base64
import json
from dataclasses import dataclass, field
from uuid import uuid4

import msgspec
import pytest

from nova_lite.compute.configdrive import DriveFiles
from nova_lite.domain.devices import BlockDevice, DeviceAddress
from nova_lite.domain.states import PowerState
from nova_lite.virt.driver import DriveContent, RebuildSpec, RootImage, SpawnSpec
from tests.fixtures.libvirtd import Libvirtd
from tests.fixtures.serial import TIMEOUT
from tests.fixtures.servers import make_flavor
from tests.fixtures.settings import make_conf
from tests.fixtures.wait import wait_for
from tests.integration.libvirt.guests import Inside, MakeDriver, console, small, wait_ready

SCRIPT = b"#!/bin/sh\necho USER DATA ON $(hostname) > /dev/ttyS0\n"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMvW1vHQv1Jp7aP3JvA7WJg0Jm1y5sMOHq0wRRUZzQfE a@b"


@pytest.mark.parametrize(
    ("kind", "device", "properties"),
    [
        ("iso9660", "/dev/sr0 iso9660", {}),
        ("iso9660", "/dev/sr0 iso9660", {"hw_machine_type": "q35", "hw_cdrom_bus": "scsi"}),
        ("vfat", "/dev/vdb vfat", {}),
    ],
)
def test_a_guest_is_what_its_drive_says(
    make_driver: MakeDriver, root: RootImage, kind: str, device: str, properties: dict[str, str]
) -> None:
    driver = make_driver(config_drive_format=kind)
    instance = small(
        config_drive=True,
        hostname="told-by-drive",
        user_data=base64.b64encode(SCRIPT).decode(),
        key_name="mine",
        key_data=KEY,
        key_type="ssh",
        image_properties=properties,
    )
    files = DriveFiles(make_conf()).of(instance, "/dev/vda", "a-new-password")
    try:
        driver.spawn(SpawnSpec(instance=instance, root=root, config_drive=files))
        wait_ready(driver, instance)
        words = console(driver, instance)
        assert f"GUEST: config drive {device}" in words
        assert f"from config-drive: uuid={instance.uuid} hostname=told-by-drive.novalocal" in words
        assert "GUEST: ssh keys: 1" in words
        assert "USER DATA ON told-by-drive.novalocal" in words
        assert "GUEST: user-data: script rc=0" in words

        # the drive is still there after a hard reboot, and user data ran once
        assert driver.power.reboot(instance, True) is PowerState.RUNNING
        wait_ready(driver, instance, 2)
        assert console(driver, instance).count(f"GUEST: config drive {device}") == 2
        assert console(driver, instance).count("USER DATA ON") == 1

        # a rebuilt guest has a drive of its own
        assert driver.rebuild is not None
        other = msgspec.structs.replace(instance, hostname="anew")
        files = DriveFiles(make_conf()).of(other, "/dev/vda", None)
        driver.rebuild.rebuild(
            RebuildSpec(instance=other, root=root, token="again", config_drive=files)
        )
        wait_for(
            lambda: "USER DATA ON anew.novalocal" in console(driver, other), TIMEOUT, "a new guest"
        )
    finally:
        driver.destroy(instance)


@dataclass
class Told:
    """What is on a drive, kept for the test."""

    content: DriveContent
    devices: dict[str, dict[str, str]] = field(default_factory=dict)

    def __call__(self, found: list[DeviceAddress]) -> dict[str, bytes]:
        files = self.content(found)
        told = json.loads(files["openstack/latest/meta_data.json"])["devices"]
        self.devices = {device["tags"][0]: device for device in told}
        return files


@pytest.mark.parametrize("machine", ["pc", "q35"])
def test_devices_with_tags_are_where_the_drive_says(
    libvirtd: Libvirtd, make_driver: MakeDriver, root: RootImage, machine: str
) -> None:
    driver, plain = make_driver(), small()
    swap = BlockDevice(
        uuid=str(uuid4()),
        instance_uuid=plain.uuid,
        source_type="blank",
        destination_type="local",
        guest_format="swap",
        tag="scratch",
    )
    instance = msgspec.structs.replace(
        plain,
        config_drive=True,
        flavor=make_flavor(memory_mb=128, swap_mb=16),
        block_devices=[swap],
        vifs=[msgspec.structs.replace(plain.vifs[0], tag="front")],
        image_properties={"hw_machine_type": machine, "hw_cdrom_bus": "scsi"},
    )
    content = DriveFiles(make_conf()).of(instance, "/dev/vda", None)
    assert content is not None
    told = Told(content)
    try:
        driver.spawn(SpawnSpec(instance=instance, root=root, config_drive=told))
        assert set(told.devices) == {"front", "scratch"}
        disk = told.devices["scratch"]["path"].removeprefix("/dev/")
        words = Inside(libvirtd, driver, instance).ask(
            f"readlink -f /sys/block/{disk}/device/..",
            f"grep -l {instance.vifs[0].mac} /sys/bus/pci/devices/*/virtio*/net/*/address",
        )
        ends = [line.rstrip().rpartition("/")[2] for line in words.splitlines()]
        assert told.devices["scratch"]["address"] in ends
        assert f"/{told.devices['front']['address']}/virtio" in words
    finally:
        driver.destroy(instance)
