# SPDX-License-Identifier: Apache-2.0
"""Images of servers: what is asked for, what they say of themselves, which backups stay. Pure."""

from collections.abc import Collection, Iterable
from typing import Final

import msgspec

from nova_lite.domain.image import Image
from nova_lite.domain.instance import Instance

SNAPSHOT: Final = "snapshot"
BACKUP: Final = "backup"
# Kept with a server as text, and fields of their own of an image.
_FIELDS: Final = ("min_ram", "min_disk", "disk_format", "container_format")
# They say of an image what is not true of one that is made from it.
_OF_ITS_OWN: Final = (
    *("img_signature", "img_signature_hash_method", "img_signature_key_type"),
    *("img_signature_certificate_uuid", "backup_type", "instance_uuid", "user_id", "owner_id"),
    *("image_type", "image_location", "image_state", "base_image_ref"),
)


class ImageWish(msgspec.Struct, frozen=True, kw_only=True):
    """An image that is to be made of a server. `image_id`: its id, chosen before it is made;
    `backup_type` and `rotation` (how many of that type stay) are of backups alone."""

    image_id: str
    name: str
    metadata: dict[str, str] = {}
    backup_type: str | None = None
    rotation: int | None = None

    @property
    def kept(self) -> bool:
        """False where it would be deleted as soon as it was made."""
        return self.rotation != 0


def image_of(
    wish: ImageWish,
    instance: Instance,
    *,
    owner: str | None,
    user_id: str | None,
    left_out: Collection[str] = (),
) -> Image:
    """The image that is asked for, without data. `left_out`: properties of the server's image
    that are not passed on."""
    given = instance.image_properties
    passed_on = {
        name: value
        for name, value in given.items()
        if name not in _FIELDS and name not in _OF_ITS_OWN and name not in left_out
    }
    own = {
        "base_image_ref": instance.image_ref or "",
        "image_location": SNAPSHOT,
        "image_state": "available",
        "image_type": SNAPSHOT if wish.backup_type is None else BACKUP,
        "instance_uuid": instance.uuid,
        "owner_id": owner or instance.project_id,
        "user_id": user_id or instance.user_id,
    }
    if wish.backup_type is not None:
        own["backup_type"] = wish.backup_type
    return Image(
        id=wish.image_id,
        name=wish.name,
        status="queued",
        owner=owner,
        min_ram=_number(given.get("min_ram")),
        min_disk=max(instance.flavor.root_gb, _number(given.get("min_disk"))),
        properties={**passed_on, **own, **wish.metadata},
    )


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0


def backups_of(instance_uuid: str, backup_type: str) -> dict[str, str]:
    """The properties by which the backups of a server are found."""
    return {"image_type": BACKUP, "instance_uuid": instance_uuid, "backup_type": backup_type}


def too_many(found: Iterable[Image], rotation: int, newest: str | None) -> list[Image]:
    """Which of these backups go. `newest`: the id of the one just made, which counts as such
    whatever its time says."""
    by_age = sorted(found, key=lambda image: (str(image.created_at), image.id), reverse=True)
    by_age.sort(key=lambda image: image.id != newest)
    return by_age[rotation:]
