# SPDX-License-Identifier: Apache-2.0
"""What we read of a domain's XML. The text is libvirt's own, not a user's."""

from xml.etree import ElementTree as ET

from nova_lite.virt.libvirt.guestspec import OwnerSpec
from nova_lite.virt.libvirt.xml.metadata import NAMESPACE


def owner_of(mark: str) -> OwnerSpec | None:
    """Whose a guest is, from our metadata element; None when it is not ours."""
    try:
        root = ET.fromstring(mark)
    except ET.ParseError:
        return None
    found = root if root.tag == _ours("instance") else root.find(f".//{_ours('instance')}")
    if found is None:
        return None
    uuid, host = found.findtext(_ours("uuid")), found.findtext(_ours("host"))
    if not uuid or not host:
        return None
    return OwnerSpec(
        uuid=uuid,
        host=host,
        name=found.findtext(_ours("name")) or "",
        flavor=found.findtext(_ours("flavor")) or "",
        user_id=found.findtext(_ours("user")) or "",
        project_id=found.findtext(_ours("project")) or "",
        image_id=found.findtext(_ours("image")),
    )


def _ours(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def machine_of(domain: str) -> str | None:
    """The machine type of a domain, as libvirt has resolved it."""
    kind = ET.fromstring(domain).find("os/type")
    return kind.get("machine") if kind is not None else None


def disks_of(domain: str) -> list[str]:
    """Paths of the files that a domain has as disks, in their order."""
    sources = ET.fromstring(domain).iterfind("devices/disk/source")
    return [path for source in sources if (path := source.get("file"))]
