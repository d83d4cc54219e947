# SPDX-License-Identifier: Apache-2.0
"""What every image back end must do, on those that need no service of their own."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nova_lite.backends.image.fake import FakeImages
from nova_lite.backends.image.local import LocalImages
from nova_lite.backends.image.port import ImagePort
from nova_lite.base.context import RequestContext, service_context
from nova_lite.domain import errors
from nova_lite.domain.image import Image
from tests.fixtures.glance import GlanceStandIn
from tests.fixtures.settings import make_conf

MEMBER = RequestContext(project_id="p1", roles=("member", "reader"), auth_token="token-p1")
OTHER = RequestContext(project_id="p2", roles=("member", "reader"), auth_token="token-p2")
ADMIN = service_context()
DATA = os.urandom(3_000_000)

Put = Callable[..., Image]


class Subject:
    """A back end, and the way in which a test fills it."""

    def __init__(self, port: ImagePort, put: Put, spoil: Callable[[str, bytes], None]) -> None:
        self.port = port
        self.put = put
        self.spoil = spoil  # replace the data of an image behind the back end's back


def make_fake(tmp_path: Path) -> Subject:
    fake = FakeImages()
    return Subject(fake, lambda data, **fields: fake.put(_image(**fields), data), fake.spoil)


def make_local(tmp_path: Path) -> Subject:
    local = LocalImages(make_conf(image__local_path=str(tmp_path / "images")))

    def put(data: bytes, **fields: Any) -> Image:
        image = local.create(ADMIN, _image(**fields))
        return local.upload(ADMIN, image.id, [data[:1000], data[1000:]])

    def spoil(image_id: str, data: bytes) -> None:
        (tmp_path / "images" / image_id).write_bytes(data)

    return Subject(local, put, spoil)


@pytest.fixture(params=["fake", "local", "glance"])
def subject(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    if request.param == "fake":
        yield make_fake(tmp_path)
    elif request.param == "local":
        yield make_local(tmp_path)
    else:
        with GlanceStandIn() as glance:
            images = glance.adapter()
            put = lambda data, **fields: glance.put(_image(**fields), data)  # noqa: E731
            yield Subject(images, put, glance.spoil)


def _image(number: int = 1, **fields: Any) -> Image:
    values: dict[str, Any] = {
        "id": f"00000000-0000-4000-8000-{number:012d}",
        "name": f"image-{number}",
        "owner": "p1",
        "disk_format": "raw",
        "container_format": "bare",
        "properties": {"hw_disk_bus": "virtio"},
        "tags": ["a"],
        "min_disk": 2,
        "min_ram": 64,
    }
    return Image(**{**values, **fields})


def test_an_image_is_told_in_full(subject: Subject) -> None:
    image_id = subject.put(DATA).id
    image = subject.port.get(MEMBER, image_id)
    assert (image.id, image.name, image.status, image.owner) == (
        image_id,
        "image-1",
        "active",
        "p1",
    )
    assert (image.disk_format, image.container_format) == ("raw", "bare")
    assert (image.min_disk, image.min_ram, image.size) == (2, 64, len(DATA))
    assert image.properties == {"hw_disk_bus": "virtio"}
    assert image.tags == ["a"]
    assert image.checksum == hashlib.md5(DATA).hexdigest()
    assert (image.hash_algo, image.hash_value) == ("sha512", hashlib.sha512(DATA).hexdigest())
    assert image.created_at is not None and image.created_at.tzinfo is not None


@pytest.mark.parametrize("image_id", ["00000000-0000-4000-8000-999999999999", "../etc/passwd", ""])
def test_what_is_not_there_is_not_found(subject: Subject, image_id: str, tmp_path: Path) -> None:
    with pytest.raises(errors.ImageNotFound):
        subject.port.get(MEMBER, image_id)
    with pytest.raises(errors.ImageNotFound):
        subject.port.download(MEMBER, image_id, tmp_path / "out")


def test_others_images_are_not_found_unless_open(subject: Subject) -> None:
    private = subject.put(DATA, number=1, visibility="private").id
    subject.put(DATA, number=2, visibility="public")
    with pytest.raises(errors.ImageNotFound):
        subject.port.get(OTHER, private)
    assert [i.name for i in subject.port.list(OTHER) if i.name != "fake"] == ["image-2"]
    names = {i.name for i in subject.port.list(MEMBER)} - {"fake"}
    assert names == {"image-1", "image-2"}
    assert subject.port.get(ADMIN, private).id == private


def test_list_by_name(subject: Subject) -> None:
    for number in (1, 2, 3):
        subject.put(b"x", number=number, name=f"n{number % 2}")
    assert sorted(i.id[-1] for i in subject.port.list(MEMBER, name="n1")) == ["1", "3"]
    assert subject.port.list(MEMBER, name="n9") == []


def test_list_by_properties(subject: Subject) -> None:
    for number, kind in ((1, "daily"), (2, "weekly"), (3, "daily")):
        subject.put(b"x", number=number, properties={"backup_type": kind, "of": "me"})
    found = subject.port.list(MEMBER, properties={"backup_type": "daily", "of": "me"})
    assert {i.id[-1] for i in found} == {"1", "3"}
    assert subject.port.list(MEMBER, properties={"backup_type": "daily", "of": "you"}) == []
    named = subject.port.list(MEMBER, name="image-2", properties={"of": "me"})
    assert [i.id[-1] for i in named] == ["2"]


# --- writing -------------------------------------------------------------------------------------


def wanted(number: int = 7, **fields: Any) -> Image:
    plain = {"owner": None, "disk_format": None, "container_format": None, "tags": []}
    return _image(number, **{**plain, "properties": {"image_type": "snapshot"}, **fields})


def chunks_of(data: bytes) -> Any:
    return iter([data[:1000], data[1000:]])


def test_an_image_is_made_and_gets_its_data(subject: Subject, tmp_path: Path) -> None:
    port = subject.port
    made = port.create(MEMBER, wanted())
    assert (made.status, made.owner, made.id) == ("queued", "p1", wanted().id)
    seen = port.get(MEMBER, made.id)
    assert (seen.status, seen.properties) == ("queued", {"image_type": "snapshot"})
    assert (seen.name, seen.min_disk, seen.min_ram) == ("image-7", 2, 64)
    changes = {"disk_format": "raw", "container_format": "bare", "min_disk": 3}
    port.update(MEMBER, made.id, changes)
    done = port.upload(MEMBER, made.id, chunks_of(DATA))
    assert done == port.get(MEMBER, made.id)
    assert (done.status, done.size) == ("active", len(DATA))
    assert (done.disk_format, done.container_format, done.min_disk) == ("raw", "bare", 3)
    assert (done.hash_algo, done.hash_value) == ("sha512", hashlib.sha512(DATA).hexdigest())
    port.download(MEMBER, made.id, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == DATA


def test_an_id_is_given_once_and_data_too(subject: Subject) -> None:
    port = subject.port
    made = port.create(MEMBER, wanted(disk_format="raw", container_format="bare"))
    with pytest.raises(errors.ImageConflict):
        port.create(MEMBER, wanted())
    port.upload(MEMBER, made.id, chunks_of(DATA))
    with pytest.raises(errors.ImageConflict):
        port.upload(MEMBER, made.id, chunks_of(b"other"))
    assert port.get(MEMBER, made.id).size == len(DATA)


def test_deleting(subject: Subject) -> None:
    port = subject.port
    for number in (7, 8):
        port.create(MEMBER, wanted(number, disk_format="raw", container_format="bare"))
    port.upload(MEMBER, wanted(8).id, chunks_of(DATA))
    for number in (7, 8):
        port.delete(MEMBER, wanted(number).id)
        with pytest.raises(errors.ImageNotFound):
            port.delete(MEMBER, wanted(number).id)
        with pytest.raises(errors.ImageNotFound):
            port.get(MEMBER, wanted(number).id)


def test_what_is_not_there_cannot_be_written(subject: Subject) -> None:
    absent = wanted(99).id
    with pytest.raises(errors.ImageNotFound):
        subject.port.update(MEMBER, absent, {"name": "x"})
    with pytest.raises(errors.ImageNotFound):
        subject.port.upload(MEMBER, absent, chunks_of(DATA))


def test_others_images_are_not_written(subject: Subject) -> None:
    port = subject.port
    private = port.create(MEMBER, wanted(7)).id
    public = subject.put(DATA, number=8, visibility="public").id
    for image_id, refusal in ((private, errors.ImageNotFound), (public, errors.Forbidden)):
        with pytest.raises(refusal):
            port.update(OTHER, image_id, {"name": "mine"})
        with pytest.raises(refusal):
            port.upload(OTHER, image_id, chunks_of(DATA))
        with pytest.raises(refusal):
            port.delete(OTHER, image_id)
    with pytest.raises(errors.Forbidden):
        port.create(OTHER, wanted(9, owner="p1"))


def test_data_that_cannot_be_read_leaves_no_active_image(subject: Subject) -> None:
    port = subject.port
    made = port.create(MEMBER, wanted(disk_format="raw", container_format="bare"))

    def broken() -> Any:
        yield DATA[:1000]
        raise OSError("the disk is gone")

    with pytest.raises((OSError, errors.ImageStoreUnavailable)):
        port.upload(MEMBER, made.id, broken())
    assert port.get(MEMBER, made.id).status != "active"
    port.delete(MEMBER, made.id)


def test_download(subject: Subject, tmp_path: Path) -> None:
    image_id = subject.put(DATA).id
    seen: list[int] = []
    image = subject.port.download(MEMBER, image_id, tmp_path / "out", progress=seen.append)
    assert image.id == image_id
    assert (tmp_path / "out").read_bytes() == DATA
    assert seen == sorted(seen) and seen[-1] == len(DATA)


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        (DATA[:-1], "truncated"),
        (b"", "truncated"),
        (DATA[:-1] + bytes([DATA[-1] ^ 1]), "sha512 checksum"),
        (DATA + b"x", "longer"),
    ],
    ids=["short", "empty", "other", "long"],
)
def test_data_that_is_not_the_images_is_refused(
    subject: Subject, tmp_path: Path, spoilt: bytes, reason: str
) -> None:
    image_id = subject.put(DATA).id
    subject.spoil(image_id, spoilt)
    with pytest.raises(errors.ImageUnacceptable, match=reason):
        subject.port.download(MEMBER, image_id, tmp_path / "out")
    assert not (tmp_path / "out").exists()
