# SPDX-License-Identifier: Apache-2.0
"""Our element in a guest's <metadata>: whose guest it is."""

from nova_lite.virt.libvirt.guestspec import OwnerSpec
from nova_lite.virt.libvirt.xml.element import Element, element

NAMESPACE = "urn:nova-lite:guest:1"
PREFIX = "nova-lite"


def metadata(owner: OwnerSpec) -> Element:
    """What `parse.owner_of` reads again. Prefixes are written out: libvirt keeps them so."""
    mark = element(
        f"{PREFIX}:instance",
        element(f"{PREFIX}:uuid", owner.uuid),
        element(f"{PREFIX}:host", owner.host),
        element(f"{PREFIX}:name", owner.name),
        element(f"{PREFIX}:flavor", owner.flavor),
        element(f"{PREFIX}:user", owner.user_id),
        element(f"{PREFIX}:project", owner.project_id),
        element(f"{PREFIX}:image", owner.image_id) if owner.image_id else None,
    )
    mark.set(f"xmlns:{PREFIX}", NAMESPACE)
    return element("metadata", mark)
