# SPDX-License-Identifier: Apache-2.0
"""Which disks a server gets, and how large. Pure."""

from nova_lite.domain.devices import BlockDevice
from nova_lite.domain.errors import ImageUnacceptable
from nova_lite.domain.instance import Instance
from nova_lite.virt.driver import RootImage
from nova_lite.virt.libvirt.disk.layout import DiskRecord

ROOT, EPHEMERAL, SWAP = "disk", "disk.eph{}", "disk.swap"  # files
GIB = 1 << 30
MIB = 1 << 20
# What an ephemeral disk is given when nobody chooses, by os_type of the image.
_FILE_SYSTEMS = {"linux": "ext4", "windows": "vfat"}
FILE_SYSTEMS = ("ext2", "ext3", "ext4", "vfat", "xfs")


def plan(instance: Instance, root: RootImage, root_format: str) -> list[DiskRecord]:
    """Root, ephemeral disks and swap. Raises ImageUnacceptable when the root does not fit."""
    return [_root(instance, root, root_format), *_ephemeral(instance), *_swap(instance)]


def _root(instance: Instance, root: RootImage, root_format: str) -> DiskRecord:
    size = instance.flavor.root_gb * GIB or root.virtual_size
    if root.virtual_size > size:
        raise ImageUnacceptable(
            image_id=instance.image_ref,
            reason=f"its disk of {root.virtual_size} bytes is larger than the flavor's {size}",
        )
    return DiskRecord(
        role="root",
        file=ROOT,
        format=root_format,
        size=size,
        base=str(root.path) if root_format == "qcow2" else None,
    )


def _ephemeral(instance: Instance) -> list[DiskRecord]:
    """As the request divides it, else one disk of the flavor's size."""
    whole = instance.flavor.ephemeral_gb
    asked = [
        (whole if device.volume_size is None else device.volume_size, device.guest_format)
        for device in _blanks(instance)
        if device.guest_format != "swap"
    ]
    sizes = asked or [(whole, None)]
    usual = _FILE_SYSTEMS.get(instance.image_properties.get("os_type", ""), "ext4")
    return [
        DiskRecord(
            role="ephemeral",
            file=EPHEMERAL.format(number),
            format="raw",
            size=size * GIB,
            file_system=wanted if wanted in FILE_SYSTEMS else usual,
        )
        for number, (size, wanted) in enumerate(sizes)
        if size > 0
    ]


def _swap(instance: Instance) -> list[DiskRecord]:
    """As large as the request says, else the flavor; the request has it in MiB, too."""
    asked = [
        device.volume_size
        for device in _blanks(instance)
        if device.guest_format == "swap" and device.volume_size is not None
    ]
    size = (asked[0] if asked else instance.flavor.swap_mb) * MIB
    if not size:
        return []
    return [DiskRecord(role="swap", file=SWAP, format="raw", size=size, file_system="swap")]


def _blanks(instance: Instance) -> list[BlockDevice]:
    """The empty disks on the host that the request names."""
    return [
        device
        for device in instance.block_devices
        if device.source_type == "blank" and device.destination_type == "local"
    ]


def files(instance: Instance) -> dict[str, BlockDevice]:
    """Which file is which block device of the server."""
    found: dict[str, BlockDevice] = {}
    ephemeral = 0
    for device in instance.block_devices:
        if device.destination_type != "local":
            continue
        if device.source_type == "image":
            found.setdefault(ROOT, device)
        elif device.guest_format == "swap":
            found[SWAP] = device
        elif device.source_type == "blank":
            found[EPHEMERAL.format(ephemeral)] = device
            ephemeral += 1
    return found
