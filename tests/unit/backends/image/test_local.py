# SPDX-License-Identifier: Apache-2.0
"""The local image store: who may do what, and what a crash leaves."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from nova_lite.backends.image.listing import ImageQuery
from nova_lite.backends.image.local import LocalImages
from nova_lite.base import concurrency, files, ids
from nova_lite.base.context import RequestContext
from nova_lite.domain import errors
from nova_lite.domain.image import Image
from tests.fixtures.settings import make_conf

MEMBER = RequestContext(project_id="p1", roles=("member", "reader"))
READER = RequestContext(project_id="p1", roles=("reader",))
OTHER = RequestContext(project_id="p2", roles=("member", "reader"))
ADMIN = RequestContext(project_id="p0", roles=("admin",), is_admin=True)


@pytest.fixture
def images(tmp_path: Path) -> LocalImages:
    return LocalImages(make_conf(image__local_path=str(tmp_path)))


def make(images: LocalImages, context: RequestContext = MEMBER, **fields: object) -> Image:
    return images.create(context, Image(id=ids.new_uuid(), **fields))  # type: ignore[arg-type]


def test_from_queued_to_active(images: LocalImages, tmp_path: Path) -> None:
    image = make(images, name="a", disk_format="raw")
    assert (image.status, image.owner) == ("queued", "p1")
    with pytest.raises(errors.ImageConflict):
        images.open(MEMBER, image.id)
    seen = []

    def chunks() -> Iterator[bytes]:
        yield b"ab"
        seen.append(images.get(MEMBER, image.id).status)
        yield b"cd"

    image = images.upload(MEMBER, image.id, chunks())
    assert seen == ["saving"]
    assert (image.status, image.size, image.virtual_size) == ("active", 4, 4)
    assert image.checksum == hashlib.md5(b"abcd").hexdigest()
    assert image.hash_value == hashlib.sha512(b"abcd").hexdigest()
    assert sorted(p.name for p in tmp_path.iterdir()) == [".lock", image.id, f"{image.id}.json"]
    with pytest.raises(errors.ImageConflict, match="from active to saving"):
        images.upload(MEMBER, image.id, [b"again"])


def test_another_process_sees_the_same(images: LocalImages, tmp_path: Path) -> None:
    image = images.upload(MEMBER, make(images).id, [b"x"])
    other = LocalImages(make_conf(image__local_path=str(tmp_path)))
    assert other.get(MEMBER, image.id) == image
    other.update(MEMBER, image.id, {"name": "renamed"})
    assert images.get(MEMBER, image.id).name == "renamed"
    other.delete(MEMBER, image.id)
    with pytest.raises(errors.ImageNotFound):
        images.get(MEMBER, image.id)


class Broken(Exception):
    pass


def broken() -> Iterator[bytes]:
    yield b"some"
    raise Broken


def test_a_failed_upload_can_be_repeated(images: LocalImages, tmp_path: Path) -> None:
    image = make(images)
    with pytest.raises(Broken):
        images.upload(MEMBER, image.id, broken())
    assert images.get(MEMBER, image.id).status == "queued"
    assert sorted(p.name for p in tmp_path.iterdir()) == [".lock", f"{image.id}.json"]
    with pytest.raises(errors.ResourceLimitExceeded):
        images.upload(MEMBER, image.id, [b"123", b"456"], max_size=5)
    assert images.upload(MEMBER, image.id, [b"12", b"345"], max_size=5).size == 5


def test_an_upload_that_died_waits_for_its_data_again(tmp_path: Path) -> None:
    images = LocalImages(make_conf(image__local_path=str(tmp_path)))
    died, alive = make(images), make(images)
    for image in (died, alive):
        images.store.change(image.id, lambda i: replace(i, status="saving"))
        (tmp_path / f".{image.id}.part").write_bytes(b"half")
    with files.FileLock(tmp_path / f".{alive.id}.upload"):
        images = LocalImages(make_conf(image__local_path=str(tmp_path)))
        assert images.get(MEMBER, died.id).status == "queued"
        assert images.get(MEMBER, alive.id).status == "saving"
    assert not (tmp_path / f".{died.id}.part").exists()
    assert (tmp_path / f".{alive.id}.part").exists()


def test_one_upload_at_a_time(images: LocalImages) -> None:
    image = make(images)
    entered, go_on = concurrency.Event(), concurrency.Event()

    def slow() -> Iterator[bytes]:
        entered.set()
        go_on.wait(30)
        yield b"slow"

    task = concurrency.spawn(images.upload, MEMBER, image.id, slow())
    assert entered.wait(30)
    with pytest.raises(errors.ImageConflict, match="being uploaded"):
        images.upload(MEMBER, image.id, [b"fast"])
    go_on.set()
    assert task.wait(30).size == 4


def test_deleted_while_it_is_uploaded(images: LocalImages, tmp_path: Path) -> None:
    image = make(images)

    def chunks() -> Iterator[bytes]:
        yield b"x"
        images.delete(MEMBER, image.id)

    with pytest.raises(errors.ImageNotFound):
        images.upload(MEMBER, image.id, chunks())
    assert [p.name for p in tmp_path.iterdir()] == [".lock"]


def test_changes_at_once_are_all_kept(images: LocalImages) -> None:
    image = make(images)

    def add(number: int) -> None:
        images.alter(MEMBER, image.id, lambda i: replace(i, tags=[*i.tags, str(number)]))

    for task in [concurrency.spawn(add, n) for n in range(20)]:
        task.wait(60)
    assert sorted(map(int, images.get(MEMBER, image.id).tags)) == list(range(20))


@pytest.mark.parametrize("visibility", ["private", "shared"])
def test_others_do_not_find_it(images: LocalImages, visibility: str) -> None:
    image = make(images, visibility=visibility)
    for call in (
        lambda: images.get(OTHER, image.id),
        lambda: images.update(OTHER, image.id, {"name": "x"}),
        lambda: images.upload(OTHER, image.id, [b"x"]),
        lambda: images.delete(OTHER, image.id),
        lambda: images.set_active(OTHER, image.id, False),
    ):
        with pytest.raises(errors.ImageNotFound):
            call()
    assert images.get(ADMIN, image.id) == images.get(READER, image.id) == image


def test_others_may_see_and_not_change_what_is_open(images: LocalImages) -> None:
    image = make(images, visibility="community")
    assert images.get(OTHER, image.id) == image
    for context in (OTHER, READER):
        for call in (
            lambda c=context: images.update(c, image.id, {"name": "x"}),
            lambda c=context: images.upload(c, image.id, [b"x"]),
            lambda c=context: images.delete(c, image.id),
        ):
            with pytest.raises(errors.Forbidden):
                call()


def test_what_only_administrators_do(images: LocalImages) -> None:
    image = make(images)
    with pytest.raises(errors.Forbidden, match="publicize_image"):
        make(images, visibility="public")
    with pytest.raises(errors.Forbidden, match="publicize_image"):
        images.update(MEMBER, image.id, {"visibility": "public"})
    with pytest.raises(errors.Forbidden, match="owner"):
        images.update(MEMBER, image.id, {"owner": "p2"})
    with pytest.raises(errors.Forbidden):
        make(images, owner="p2")
    with pytest.raises(errors.Forbidden, match="add_image"):
        make(images, READER)
    assert make(images, ADMIN, owner="p2", visibility="public").owner == "p2"
    assert images.update(ADMIN, image.id, {"owner": "p2"}).owner == "p2"


def test_protected_images_stay(images: LocalImages) -> None:
    image = make(images, protected=True)
    for context in (MEMBER, ADMIN):
        with pytest.raises(errors.Forbidden, match="protected"):
            images.delete(context, image.id)
    images.update(MEMBER, image.id, {"protected": False})
    images.delete(MEMBER, image.id)


def test_deactivated_images_are_not_given_out(images: LocalImages) -> None:
    image = images.upload(MEMBER, make(images).id, [b"x"])
    for _ in range(2):
        assert images.set_active(MEMBER, image.id, False).status == "deactivated"
    with pytest.raises(errors.Forbidden, match="deactivated"):
        images.open(MEMBER, image.id)
    images.open(ADMIN, image.id)[1].close()
    assert images.set_active(MEMBER, image.id, True).status == "active"
    with pytest.raises(errors.ImageConflict):
        images.set_active(MEMBER, make(images).id, False)


def test_an_id_can_be_chosen_once(images: LocalImages) -> None:
    image = make(images)
    with pytest.raises(errors.ImageConflict):
        images.create(OTHER, Image(id=image.id))
    with pytest.raises(errors.ImageConflict):
        images.create(MEMBER, Image(id="../../etc/cron.d/x"))


def test_what_lists_show(images: LocalImages) -> None:
    for visibility in ("private", "shared", "community"):
        for context, owner in ((MEMBER, "p1"), (OTHER, "p2")):
            make(images, context, name=f"{owner}-{visibility}", visibility=visibility)
    make(images, ADMIN, name="public", visibility="public")
    make(images, name="hidden", hidden=True)

    def names(context: RequestContext, **filters: str) -> set[str | None]:
        return {i.name for i in images.query(context, ImageQuery(filters=filters))}

    mine = {"p1-private", "p1-shared", "p1-community"}
    theirs = {"p2-private", "p2-shared", "p2-community"}
    assert names(MEMBER) == {*mine, "public"}
    assert names(MEMBER, visibility="community") == {"p1-community", "p2-community"}
    assert names(MEMBER, visibility="all") == {*mine, "public", "p2-community"}
    assert names(MEMBER, visibility="private") == {"p1-private"}
    assert names(MEMBER, os_hidden="true") == {"hidden"}
    assert names(ADMIN) == {*mine, *theirs, "public"}
