# SPDX-License-Identifier: Apache-2.0
"""What images of servers say of themselves, and which backups stay."""

from datetime import timedelta

import pytest

from nova_lite.base import clock
from nova_lite.domain.image import Image
from nova_lite.domain.snapshot import ImageWish, backups_of, image_of, too_many
from tests.fixtures.servers import make_flavor, make_instance

WISH = ImageWish(image_id="image-1", name="mine")
BASE = {
    "hw_disk_bus": "scsi",
    "os_type": "linux",
    "min_ram": "64",
    "min_disk": "3",
    "disk_format": "qcow2",
    "container_format": "bare",
    "cache_in_nova": "true",
    "img_signature": "abc",
    "img_signature_hash_method": "SHA-256",
    "instance_uuid": "of the server that the base was made of",
    "backup_type": "daily",
    "image_type": "backup",
}


def made(wish: ImageWish = WISH, root_gb: int = 5) -> Image:
    instance = make_instance(
        uuid="u1",
        image_ref="base-1",
        image_properties=BASE,
        flavor=make_flavor(root_gb=root_gb),
    )
    return image_of(wish, instance, owner="p9", user_id="user-9", left_out=["cache_in_nova"])


def test_a_snapshot_inherits_what_is_true_of_it_too() -> None:
    image = made()
    assert image.properties == {
        "hw_disk_bus": "scsi",
        "os_type": "linux",
        "base_image_ref": "base-1",
        "image_type": "snapshot",
        "image_location": "snapshot",
        "image_state": "available",
        "instance_uuid": "u1",
        "owner_id": "p9",
        "user_id": "user-9",
    }
    assert (image.id, image.name, image.owner) == ("image-1", "mine", "p9")
    assert (image.status, image.disk_format, image.container_format) == ("queued", None, None)


def test_a_server_made_of_it_needs_the_room_that_this_one_has() -> None:
    assert (made().min_ram, made().min_disk) == (64, 5)
    assert made(root_gb=0).min_disk == 3


def test_metadata_of_the_request_comes_on_top() -> None:
    wish = ImageWish(image_id="i", name="n", metadata={"os_type": "windows", "a": "b"})
    properties = made(wish).properties
    assert (properties["os_type"], properties["a"]) == ("windows", "b")


@pytest.mark.parametrize("kind", ["daily", ""])
def test_a_backup_is_found_by_what_it_says(kind: str) -> None:
    wish = ImageWish(image_id="i", name="n", backup_type=kind, rotation=1)
    assert backups_of("u1", kind).items() <= made(wish).properties.items()
    assert not backups_of("u1", "daily").items() <= made().properties.items()


def test_the_newest_backups_stay() -> None:
    now = clock.now()
    images = [
        Image(id=name, created_at=now - timedelta(hours=age))
        for name, age in (("b", 2), ("d", 4), ("a", 1), ("c", 3))
    ]

    def gone(rotation: int, newest: str | None = None) -> list[str]:
        return [image.id for image in too_many(images, rotation, newest)]

    assert gone(2) == ["c", "d"]
    assert gone(0) == ["a", "b", "c", "d"]
    assert gone(9) == []
    assert gone(1, newest="c") == ["a", "b", "d"], "the one just made is never the oldest"


def test_rotation_of_nothing_makes_nothing() -> None:
    assert WISH.kept
    assert ImageWish(image_id="i", name="n", backup_type="d", rotation=1).kept
    assert not ImageWish(image_id="i", name="n", backup_type="d", rotation=0).kept
