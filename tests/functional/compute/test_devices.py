# SPDX-License-Identifier: Apache-2.0
"""Where the devices of guests are that have a tag, as hosts tell it."""

import pytest
from msgspec.structs import replace

from nova_lite.domain.devices import BlockDevice, DeviceAddress, Vif
from nova_lite.domain.instance import Instance
from tests.functional.compute.lab import Lab

FRONT = DeviceAddress(bus="pci", address="0000:00:04.0", mac="fa:16:3e:00:00:01")


def vif(number: int, tag: str | None = None) -> Vif:
    return Vif(port_id=f"p{number}", network_id="n", mac=f"fa:16:3e:00:00:0{number}", tag=tag)


def disk(bus: str, tag: str | None = None) -> BlockDevice:
    return BlockDevice(
        uuid=bus,
        instance_uuid="i",
        source_type="blank",
        destination_type="local",
        disk_bus=bus,
        tag=tag,
    )


def tagged(lab: Lab) -> Instance:
    return lab.running(vifs=[vif(0), vif(1, "front")])


@pytest.mark.parametrize(
    ("calls", "values"),
    [
        (["stop"], {"timeout": 0}),
        (["stop", "start"], {}),
        (["reboot_hard"], {}),
        (["suspend", "resume"], {}),
        (["pause"], {}),
        (["rescue"], {"timeout": 0}),
        (["rescue", "unrescue"], {}),
        (["rebuild"], {"token": "t", "timeout": 0}),
        (["build"], {}),
    ],
)
def test_each_call_tells_it(lab: Lab, calls: list[str], values: dict[str, object]) -> None:
    instance = tagged(lab)
    for name in calls[:-1]:
        lab.call(name, instance, **({"timeout": 0} if name in ("stop", "rescue") else {}))
    assert lab.call(calls[-1], instance, **values).devices == [FRONT]


@pytest.mark.parametrize(
    ("bus", "expected"),
    [
        ("virtio", ("pci", "0000:00:12.0", "/dev/vdc")),
        ("scsi", ("scsi", "0:0:0:2", "/dev/sdc")),
        ("ide", ("ide", "0:0:0:2", "/dev/hdc")),
        ("usb", ("usb", "0:3", "/dev/sdc")),
        ("sata", ("none", "none", "/dev/sdc")),
    ],
)
def test_disks(lab: Lab, bus: str, expected: tuple[str, str, str]) -> None:
    made = lab.server(block_devices=[disk("virtio"), replace(disk(bus, "db"), uuid="b")])
    (found,) = lab.call("build", made).devices
    assert (found.bus, found.address, found.path) == expected
    assert (found.block_device, found.mac) == ("b", "")


def test_an_interface_that_is_attached(lab: Lab) -> None:
    instance = tagged(lab)
    back = lab.call("attach_interface", instance, vif=vif(2, "back"))
    assert back == DeviceAddress(bus="pci", address="0000:00:05.0", mac="fa:16:3e:00:00:02")
    assert lab.call("attach_interface", instance, vif=vif(3)) is None


def test_nobody_looks_without_a_tag(lab: Lab) -> None:
    lab.driver.faults.fail("device_addresses", times=100)
    assert lab.call("build", lab.server(vifs=[vif(0)])).devices == []
    assert lab.call("stop", lab.running(), timeout=0).devices == []


def test_a_host_that_cannot_see_it_has_done_its_work(lab: Lab) -> None:
    """The conductor keeps what it knows then."""
    lab.driver.faults.fail("device_addresses", times=100)
    instance = lab.server(vifs=[vif(0), vif(1, "front")])
    assert lab.call("build", instance).devices is None
    assert lab.call("attach_interface", instance, vif=vif(2, "back")) is None
    assert lab.call("reboot_hard", instance).devices is None
