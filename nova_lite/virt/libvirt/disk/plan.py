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
        for device in _ephemeral_devices(instance)
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
    device = _swap_device(instance)
    asked = None if device is None else device.volume_size
    size = (instance.flavor.swap_mb if asked is None else asked) * MIB
    if not size:
        return []
    return [DiskRecord(role="swap", file=SWAP, format="raw", size=size, file_system="swap")]


def _ephemeral_devices(instance: Instance) -> list[BlockDevice]:
    """In the order of their numbers."""
    return [device for device in _blanks(instance) if device.guest_format != "swap"]


def _swap_device(instance: Instance) -> BlockDevice | None:
    """There is one swap: the first that has a size, else the first."""
    swaps = [device for device in _blanks(instance) if device.guest_format == "swap"]
    sized = [device for device in swaps if device.volume_size is not None]
    return next(iter([*sized, *swaps]), None)


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
    for device in instance.block_devices:
        if device.source_type == "image" and device.destination_type == "local":
            found.setdefault(ROOT, device)
    for number, device in enumerate(_ephemeral_devices(instance)):
        found[EPHEMERAL.format(number)] = device
    swap = _swap_device(instance)
    if swap is not None:
        found[SWAP] = swap
    return found
