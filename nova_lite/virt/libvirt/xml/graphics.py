# SPDX-License-Identifier: Apache-2.0
"""<graphics>, <video> and <input>."""

from nova_lite.virt.libvirt.guestspec import GuestSpec
from nova_lite.virt.libvirt.xml.element import Element, element


def screen(spec: GuestSpec) -> list[Element]:
    """What the guest shows and is pointed at with, and where that can be seen."""
    made = []
    if spec.pointer is not None:
        kind, bus = spec.pointer
        made.append(element("input", type=kind, bus=bus))
    for kind, address in (("vnc", spec.vnc_listen), ("spice", spec.spice_listen)):
        if address is not None:
            listen = element("listen", type="address", address=address)
            made.append(element("graphics", listen, type=kind, port=-1, autoport="yes"))
    if spec.video is not None:
        made.append(element("video", element("model", type=spec.video.model, vram=spec.video.vram)))
    else:
        # Without this libvirt adds a card as soon as there is a screen.
        made.append(element("video", element("model", type="none")))
    return made
