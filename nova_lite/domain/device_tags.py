# SPDX-License-Identifier: Apache-2.0
"""Devices that users gave a tag, by which the guest's software finds them. Pure."""

from collections.abc import Iterable

from nova_lite.domain.devices import DeviceAddress
from nova_lite.domain.instance import Instance


def is_tagged(instance: Instance) -> bool:
    """Whether any of its devices is."""
    nics = any(vif.tag for vif in instance.vifs)
    return nics or any(device.tag for device in instance.block_devices)


def of_tagged(instance: Instance, found: Iterable[DeviceAddress]) -> list[DeviceAddress]:
    """Of these addresses, those of devices that have a tag."""
    macs = {vif.mac.lower() for vif in instance.vifs if vif.tag}
    disks = {device.uuid for device in instance.block_devices if device.tag}
    return [one for one in found if one.mac.lower() in macs or one.block_device in disks]
