# SPDX-License-Identifier: Apache-2.0
"""Where the devices of a domain are, in the words of guests' software."""

from collections.abc import Iterator
from typing import NamedTuple
from xml.etree import ElementTree as ET

_NOWHERE = ("none", "none")


class Place(NamedTuple):
    """`mac` of an interface; `file` and `target` (vda, ...) of a disk."""

    bus: str
    address: str
    mac: str = ""
    file: str = ""
    target: str = ""


def places_of(domain: str) -> Iterator[Place]:
    """Of its interfaces and disks, in libvirt's order."""
    root = ET.fromstring(domain)
    for found in root.iterfind("./devices/interface"):
        yield Place(*_place(found, ""), mac=_said(found, "mac", "address"))
    for found in root.iterfind("./devices/disk"):
        yield Place(
            *_place(found, _said(found, "target", "bus")),
            file=_said(found, "source", "file"),
            target=_said(found, "target", "dev"),
        )


def _place(device: ET.Element, bus: str) -> tuple[str, str]:
    """(bus, address on it). The kinds that guests' software has no word for are nowhere."""
    at = device.find("address")
    if at is None:
        return _NOWHERE
    match at.get("type"):
        case "pci":
            domain, number, slot = (_hex(at, name) for name in ("domain", "bus", "slot"))
            return "pci", f"{domain:04x}:{number:02x}:{slot:02x}.{_hex(at, 'function'):x}"
        case "drive" if bus in ("scsi", "ide"):
            parts = ("controller", "bus", "target", "unit")
            return bus, ":".join(at.get(part, "0") for part in parts)
        case "usb":
            return "usb", f"{at.get('bus', '0')}:{at.get('port', '0')}"
    return _NOWHERE


def _hex(address: ET.Element, name: str) -> int:
    return int(address.get(name, "0"), 16)


def _said(device: ET.Element, child: str, name: str) -> str:
    found = device.find(child)
    return found.get(name, "") if found is not None else ""
