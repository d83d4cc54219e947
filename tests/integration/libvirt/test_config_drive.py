# SPDX-License-Identifier: Apache-2.0
"""A real guest reads its config drive, and does what it says."""

import base64

import msgspec
import pytest

from nova_lite.compute.configdrive import DriveFiles
from nova_lite.domain.states import PowerState
from nova_lite.virt.driver import RebuildSpec, RootImage, SpawnSpec
from tests.fixtures.serial import TIMEOUT
from tests.fixtures.settings import make_conf
from tests.fixtures.wait import wait_for
from tests.integration.libvirt.guests import MakeDriver, console, small, wait_ready

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
