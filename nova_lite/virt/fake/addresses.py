# SPDX-License-Identifier: Apache-2.0
"""Where a pretended guest pretends to have its devices: as QEMU would have them."""

from typing import Final

from nova_lite.domain.devices import BlockDevice, DeviceAddress
from nova_lite.domain.instance import Instance
from nova_lite.virt.fake.guests import FakeGuest

FIRST_NIC, FIRST_DISK = 3, 0x10  # slots of the PCI bus
# bus of a disk -> how its name in the guest begins
_NAMES: Final = {"virtio": "vd", "ide": "hd"}


def addresses_of(guest: FakeGuest, instance: Instance) -> list[DeviceAddress]:
    """Of its interfaces, in the order in which they came, and of the block devices."""
    macs = {vif.port_id: vif.mac for vif in instance.vifs}
    nics = [
        DeviceAddress(bus="pci", address=_slot(FIRST_NIC + number), mac=macs[port])
        for number, port in enumerate(guest.ports)
        if port in macs
    ]
    # the first one is the image, which is no block device where nobody named it
    named = any(device.source_type == "image" for device in instance.block_devices)
    usual = instance.image_properties.get("hw_disk_bus", "virtio")
    disks = [
        _disk(device, device.disk_bus or usual, number)
        for number, device in enumerate(instance.block_devices, 0 if named else 1)
    ]
    return [*nics, *disks]


def _disk(device: BlockDevice, wanted: str, number: int) -> DeviceAddress:
    bus, address = "none", "none"
    if wanted == "virtio":
        bus, address = "pci", _slot(FIRST_DISK + number)
    elif wanted in ("scsi", "ide"):
        bus, address = wanted, f"0:0:0:{number}"
    elif wanted == "usb":
        bus, address = wanted, f"0:{number + 1}"
    path = f"/dev/{_NAMES.get(wanted, 'sd')}{chr(ord('a') + number)}"
    return DeviceAddress(bus=bus, address=address, block_device=device.uuid, path=path)


def _slot(number: int) -> str:
    return f"0000:00:{number:02x}.0"
