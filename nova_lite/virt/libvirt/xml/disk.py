# SPDX-License-Identifier: Apache-2.0
"""<disk> and the controllers that disks need."""

from collections.abc import Iterable

from nova_lite.virt.libvirt.guestspec import DiskSpec
from nova_lite.virt.libvirt.xml.element import Element, element, render


def disk(spec: DiskSpec) -> Element:
    """A file of the host as a disk of the guest; blocks that it discards are given back."""
    return element(
        "disk",
        element(
            "driver",
            name="qemu",
            type=spec.format,
            cache=spec.cache,
            discard="unmap" if spec.device == "disk" else None,
            packed="on" if spec.packed else None,
        ),
        element("source", file=spec.path),
        element("target", dev=spec.target, bus=spec.bus),
        element("iotune", *(element(name, value) for name, value in spec.limits.items()))
        if spec.limits
        else None,
        element("readonly") if spec.device == "cdrom" else None,
        element("boot", order=spec.boot_order) if spec.boot_order is not None else None,
        type="file",
        device=spec.device,
    )


def copy_xml(path: str, image_format: str) -> str:
    """The file that a disk is copied to."""
    target = element(
        "disk",
        element("driver", name="qemu", type=image_format),
        element("source", file=path),
        type="file",
        device="disk",
    )
    return render(target)


def controllers(disks: Iterable[DiskSpec]) -> list[Element]:
    """Those whose model libvirt would choose otherwise."""
    if any(spec.bus == "scsi" for spec in disks):
        return [element("controller", type="scsi", index=0, model="virtio-scsi")]
    return []
