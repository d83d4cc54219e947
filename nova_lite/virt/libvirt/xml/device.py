# SPDX-License-Identifier: Apache-2.0
"""The small devices: serial console, agent channel, randomness, balloon, USB."""

from nova_lite.virt.libvirt.guestspec import GuestSpec, RngSpec
from nova_lite.virt.libvirt.xml.element import Element, element

AGENT = "org.qemu.guest_agent.0"
SPICE_AGENT = "com.redhat.spice.0"


def console(log: str, listen: tuple[str, int] | None = None) -> Element:
    """A serial port; what the guest writes to it is kept by virtlogd, also after a restart.
    `listen`: address and TCP port where it is reached."""
    if listen is None:
        source, protocol = None, None
    else:
        source = element("source", mode="bind", host=listen[0], service=listen[1])
        protocol = element("protocol", type="raw")
    return element(
        "serial",
        source,
        protocol,
        element("log", file=log, append="on"),
        element("target", port=0),
        type="pty" if listen is None else "tcp",
    )


def agent() -> Element:
    return element(
        "channel",
        element("source", mode="bind"),
        element("target", type="virtio", name=AGENT),
        type="unix",
    )


def spice_agent() -> Element:
    """For the clipboard and the size of the screen; the guest's program is its own business."""
    return element("channel", element("target", type="virtio", name=SPICE_AGENT), type="spicevmc")


def rng(spec: RngSpec) -> Element:
    rate = None
    if spec.rate_bytes is not None:
        rate = element("rate", bytes=spec.rate_bytes, period=spec.rate_period)
    return element("rng", rate, element("backend", spec.device, model="random"), model="virtio")


def balloon(period: int) -> Element:
    """`period` in seconds; 0: no statistics."""
    stats = element("stats", period=period) if period > 0 else None
    return element("memballoon", stats, model="virtio")


def pcie_ports(spec: GuestSpec) -> list[Element]:
    """libvirt puts each device on one; those that are left take what is attached later."""
    if not spec.pcie_ports:
        return []
    port = element("controller", type="pci", model="pcie-root-port")
    bus = element("controller", type="pci", index=0, model="pcie-root")
    return [bus, *(port for _ in range(spec.pcie_ports))]


def usb(spec: GuestSpec) -> list[Element]:
    """No USB where nothing needs it: an idle controller costs the host time."""
    needed = (spec.pointer or ("", ""))[1] == "usb" or any(d.bus == "usb" for d in spec.disks)
    return [] if needed else [element("controller", type="usb", index=0, model="none")]
