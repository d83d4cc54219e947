# SPDX-License-Identifier: Apache-2.0
"""What we read of a domain's XML. The text is libvirt's own, not a user's."""

from typing import NamedTuple
from xml.etree import ElementTree as ET

from nova_lite.virt.libvirt.guestspec import OwnerSpec
from nova_lite.virt.libvirt.xml.metadata import NAMESPACE


def owner_of(mark: str) -> OwnerSpec | None:
    """Whose a guest is, from our metadata element; None when it is not ours.

    libvirt gives the element without its namespace, by which it was asked for.
    """
    try:
        root = ET.fromstring(mark)
    except ET.ParseError:
        return None
    ours = f"{{{NAMESPACE}}}"
    if root.tag.removeprefix(ours) != "instance":
        return None
    said = {child.tag.removeprefix(ours): child.text or "" for child in root}
    if not said.get("uuid") or not said.get("host"):
        return None
    return OwnerSpec(
        uuid=said["uuid"],
        host=said["host"],
        name=said.get("name", ""),
        flavor=said.get("flavor", ""),
        user_id=said.get("user", ""),
        project_id=said.get("project", ""),
        image_id=said.get("image"),
    )


def interface_of(domain: str, mac: str) -> str | None:
    """The <interface> with that MAC address, as text; None when the domain has none."""
    for found in ET.fromstring(domain).iterfind("./devices/interface"):
        address = found.find("mac")
        if address is not None and address.get("address", "").lower() == mac.lower():
            return ET.tostring(found, encoding="unicode")
    return None


def files_of(domain: str) -> set[str]:
    """The files that are its disks."""
    sources = ET.fromstring(domain).iterfind("./devices/disk/source")
    return {source.get("file", "") for source in sources} - {""}


def target_of(domain: str, file: str) -> str | None:
    """What the disk in that file is called by the guest (vda, ...)."""
    for disk in ET.fromstring(domain).iterfind("./devices/disk"):
        source, target = disk.find("source"), disk.find("target")
        if source is not None and target is not None and source.get("file") == file:
            return target.get("dev")
    return None


def mirror_of(domain: str, device: str) -> bool | None:
    """Whether the mirror of that disk (vda, ...) has caught up with it; None without one."""
    for disk in ET.fromstring(domain).iterfind("./devices/disk"):
        target, mirror = disk.find("target"), disk.find("mirror")
        if target is not None and target.get("dev") == device and mirror is not None:
            return mirror.get("ready") == "yes"
    return None


def devices_of(domain: str) -> tuple[list[str], list[tuple[str, str]]]:
    """(names of the disks as the guest has them, (device on the host or "", MAC address) of the
    interfaces)."""
    devices = ET.fromstring(domain).find("devices")
    if devices is None:
        return [], []
    disks = [found.get("dev", "") for found in devices.iterfind("disk[@device='disk']/target")]
    nics = []
    for found in devices.iterfind("interface"):
        target, mac = found.find("target"), found.find("mac")
        name = target.get("dev", "") if target is not None else ""
        nics.append((name, mac.get("address", "") if mac is not None else ""))
    return disks, nics


class Listener(NamedTuple):
    """Ports of a screen; None: it has no such port."""

    port: int | None
    tls_port: int | None = None


def graphics_of(domain: str, kind: str) -> Listener | None:
    """Where the screen of a guest that runs listens; None when it has none of that kind."""
    found = ET.fromstring(domain).find(f"./devices/graphics[@type='{kind}']")
    if found is None:
        return None
    listener = Listener(_port(found.get("port")), _port(found.get("tlsPort")))
    return listener if listener != (None, None) else None


def serial_port_of(domain: str) -> int | None:
    """The TCP port of the first serial port; None where it cannot be reached by TCP."""
    for found in ET.fromstring(domain).iterfind("./devices/serial[@type='tcp']"):
        source = found.find("source[@mode='bind']")
        if source is not None:
            return _port(source.get("service"))
    return None


def _port(text: str | None) -> int | None:
    """libvirt writes -1 for a port that is not chosen yet, or not there."""
    return int(text) if text and text.isdecimal() and int(text) > 0 else None
