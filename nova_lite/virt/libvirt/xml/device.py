# SPDX-License-Identifier: Apache-2.0
"""The small devices: serial console, agent channel, randomness, balloon, USB."""

from nova_lite.virt.libvirt.guestspec import GuestSpec, RngSpec
from nova_lite.virt.libvirt.xml.element import Element, element

AGENT = "org.qemu.guest_agent.0"


def console(log: str) -> Element:
    """A serial port; what the guest writes to it is kept by virtlogd, also after a restart."""
    return element(
        "serial",
        element("log", file=log, append="on"),
        element("target", port=0),
        type="pty",
    )


def agent() -> Element:
    return element(
        "channel",
        element("source", mode="bind"),
        element("target", type="virtio", name=AGENT),
        type="unix",
    )


def rng(spec: RngSpec) -> Element:
    rate = None
    if spec.rate_bytes is not None:
        rate = element("rate", bytes=spec.rate_bytes, period=spec.rate_period)
    return element("rng", rate, element("backend", spec.device, model="random"), model="virtio")


def balloon(period: int) -> Element:
    """`period` in seconds; 0: no statistics."""
    stats = element("stats", period=period) if period > 0 else None
    return element("memballoon", stats, model="virtio")


def usb(spec: GuestSpec) -> list[Element]:
    """No USB where nothing needs it: an idle controller costs the host time."""
    needed = (spec.pointer or ("", ""))[1] == "usb" or any(d.bus == "usb" for d in spec.disks)
    return [] if needed else [element("controller", type="usb", index=0, model="none")]
