# SPDX-License-Identifier: Apache-2.0
"""The image cache: once, whole, verified, converted, removed in time."""

import os
import shutil
import struct
import subprocess
import time
from pathlib import Path

import pytest

from nova_lite.backends.image.fake import FAKE_IMAGE_ID, FakeImages
from nova_lite.base import concurrency, files
from nova_lite.base.clock import ManualClock
from nova_lite.base.context import RequestContext
from nova_lite.compute.images import PART, ImageCache, base_name
from nova_lite.domain import errors
from nova_lite.domain.image import Image
from tests.fixtures.settings import make_conf

pytestmark = pytest.mark.skipif(shutil.which("qemu-img") is None, reason="needs qemu-img")

CONTEXT = RequestContext(project_id="p", roles=("member", "reader"))
QCOW2 = "0a63b2d9-9a5c-4ee8-9c7a-1f6f15a9c001"
MIB = 1 << 20


@pytest.fixture
def images() -> FakeImages:
    return FakeImages()


def make_cache(tmp_path: Path, images: FakeImages, **options: object) -> ImageCache:
    conf = make_conf(instances_path=str(tmp_path / "instances"), **options)
    cache = ImageCache(conf, images)
    cache.prepare()
    return cache


@pytest.fixture
def cache(tmp_path: Path, images: FakeImages) -> ImageCache:
    return make_cache(tmp_path, images)


def qcow2_bytes(tmp_path: Path, *options: str, size: str = "8M") -> bytes:
    """A real qcow2, with some data in it."""
    path, raw = tmp_path / "made.qcow2", tmp_path / "made.raw"
    raw.write_bytes(b"content" + b"\0" * 1000)
    os.truncate(raw, 8 * MIB)
    subprocess.run(["qemu-img", "convert", "-O", "qcow2", *options, raw, path], check=True)
    subprocess.run(["qemu-img", "resize", "-q", path, size], check=True)
    return path.read_bytes()


def put(images: FakeImages, data: bytes, image_id: str = QCOW2, **fields: object) -> str:
    values = {"disk_format": "qcow2", "container_format": "bare", "owner": "p", **fields}
    images.put(Image(id=image_id, **values), data)  # type: ignore[arg-type]
    return image_id


def left(cache: ImageCache) -> list[str]:
    return sorted(p.name for p in cache.folder.iterdir())


def test_a_raw_image_is_cached_as_it_is(cache: ImageCache) -> None:
    root = cache.fetch(CONTEXT, FAKE_IMAGE_ID)
    assert (root.format, root.virtual_size) == ("raw", 1024)
    assert root.path.name == base_name(FAKE_IMAGE_ID)
    assert root.path.read_bytes() == b"fake image data\n" * 64
    assert root.path.stat().st_mode & 0o777 == 0o644
    assert left(cache) == [root.path.name, f"{root.path.name}.json"]


def test_the_second_fetch_downloads_nothing(cache: ImageCache, images: FakeImages) -> None:
    first = cache.fetch(CONTEXT, FAKE_IMAGE_ID)
    images.remove(FAKE_IMAGE_ID)
    assert cache.fetch(CONTEXT, FAKE_IMAGE_ID) == first
    assert images.downloads == {FAKE_IMAGE_ID: 1}


def test_concurrent_first_use_downloads_once(tmp_path: Path, images: FakeImages) -> None:
    images.fail(FAKE_IMAGE_ID, "slow")
    caches = [make_cache(tmp_path, images) for _ in range(6)]
    tasks = [concurrency.spawn(c.fetch, CONTEXT, FAKE_IMAGE_ID) for c in caches]
    assert len({task.wait(60).path for task in tasks}) == 1
    assert images.downloads == {FAKE_IMAGE_ID: 1}


def test_qcow2_becomes_raw(cache: ImageCache, images: FakeImages, tmp_path: Path) -> None:
    root = cache.fetch(CONTEXT, put(images, qcow2_bytes(tmp_path, "-c")))
    assert (root.format, root.virtual_size) == ("raw", 8 * MIB)
    assert root.path.read_bytes()[:7] == b"content"
    assert root.path.stat().st_size == 8 * MIB
    assert root.path.stat().st_blocks * 512 < MIB


def test_qcow2_stays_where_raw_is_not_forced(tmp_path: Path, images: FakeImages) -> None:
    data = qcow2_bytes(tmp_path)
    cache = make_cache(tmp_path, images, force_raw_images=False)
    root = cache.fetch(CONTEXT, put(images, data))
    assert (root.format, root.virtual_size) == ("qcow2", 8 * MIB)
    assert root.path.read_bytes() == data


def test_what_was_converted_is_never_taken_for_more(
    cache: ImageCache, images: FakeImages, tmp_path: Path
) -> None:
    """A disk whose content begins like a qcow2 that names a file of the host."""
    evil = tmp_path / "evil"
    evil.write_bytes(_with_backing(qcow2_bytes(tmp_path), b"/etc/passwd"))
    outer = tmp_path / "outer.qcow2"
    subprocess.run(["qemu-img", "convert", "-f", "raw", "-O", "qcow2", evil, outer], check=True)
    image_id = put(images, outer.read_bytes())
    assert cache.fetch(CONTEXT, image_id).format == "raw"
    assert cache.fetch(CONTEXT, image_id).format == "raw"  # from the cache too


def _with_backing(data: bytes, name: bytes) -> bytes:
    head = bytearray(data)
    head[8:16] = struct.pack(">Q", 512)
    head[16:20] = struct.pack(">I", len(name))
    head[512 : 512 + len(name)] = name
    return bytes(head)


def test_outside_references_are_refused(
    cache: ImageCache, images: FakeImages, tmp_path: Path
) -> None:
    data = qcow2_bytes(tmp_path)
    with pytest.raises(errors.ImageUnacceptable, match="another file, '/etc/shadow'"):
        cache.fetch(CONTEXT, put(images, _with_backing(data, b"/etc/shadow")))
    subprocess.run(
        [
            "qemu-img",
            "create",
            "-q",
            "-f",
            "qcow2",
            "-o",
            f"data_file={tmp_path}/d",
            "x.qcow2",
            "1M",
        ],
        check=True,
        cwd=tmp_path,
    )
    with pytest.raises(errors.ImageUnacceptable, match="another file"):
        cache.fetch(CONTEXT, put(images, (tmp_path / "x.qcow2").read_bytes()))
    assert left(cache) == []


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"disk_format": "raw"}, "said to be raw but looks like qcow2"),
        ({"disk_format": "vmdk"}, "vmdk is not supported"),
        ({"disk_format": "iso"}, "iso is not supported"),
        ({"container_format": "ova"}, "ova is not supported"),
    ],
)
def test_unusable_images_are_refused(
    cache: ImageCache, images: FakeImages, tmp_path: Path, fields: dict[str, str], reason: str
) -> None:
    with pytest.raises(errors.ImageUnacceptable, match=reason):
        cache.fetch(CONTEXT, put(images, qcow2_bytes(tmp_path), **fields))
    assert left(cache) == []


def test_excluded_formats_are_refused(tmp_path: Path, images: FakeImages) -> None:
    cache = make_cache(tmp_path, images, compute__image_type_exclude_list=["qcow2"])
    with pytest.raises(errors.ImageUnacceptable, match="image_type_exclude_list"):
        cache.fetch(CONTEXT, put(images, b"whatever"))
    assert not images.downloads


def test_damaged_qcow2_is_refused(cache: ImageCache, images: FakeImages, tmp_path: Path) -> None:
    data = bytearray(qcow2_bytes(tmp_path))
    data[40:48] = struct.pack(">Q", 12345)  # where the table of clusters is
    with pytest.raises(errors.ImageUnacceptable, match="qemu-img cannot read it") as caught:
        cache.fetch(CONTEXT, put(images, bytes(data)))
    assert str(tmp_path) not in str(caught.value)
    with pytest.raises(errors.ImageUnacceptable):
        cache.fetch(CONTEXT, put(images, b"QFI\xfb"))
    assert left(cache) == []


def test_an_image_without_data_is_refused(cache: ImageCache, images: FakeImages) -> None:
    with pytest.raises(errors.ImageNotActive):
        cache.fetch(CONTEXT, put(images, b"", status="queued"))
    with pytest.raises(errors.ImageNotFound):
        cache.fetch(CONTEXT, "0a63b2d9-9a5c-4ee8-9c7a-1f6f15a9cfff")


def test_too_large_is_said_before_it_is_unpacked(
    cache: ImageCache, images: FakeImages, tmp_path: Path
) -> None:
    image_id = put(images, qcow2_bytes(tmp_path, size="3T"))
    with pytest.raises(
        errors.ImageUnacceptable, match="3072 GiB is larger than the flavor's 1 GiB"
    ):
        cache.fetch(CONTEXT, image_id, max_virtual_size=1 << 30)
    assert left(cache) == []
    small = put(images, qcow2_bytes(tmp_path), image_id=QCOW2)
    cache.fetch(CONTEXT, small, max_virtual_size=8 * MIB)
    with pytest.raises(errors.ImageUnacceptable, match="larger"):  # from the cache too
        cache.fetch(CONTEXT, small, max_virtual_size=8 * MIB - 1)


@pytest.mark.parametrize(
    ("fault", "reason"), [("truncated", "truncated"), ("checksum", "checksum")]
)
def test_wrong_data_is_refused(
    cache: ImageCache, images: FakeImages, fault: str, reason: str
) -> None:
    images.fail(FAKE_IMAGE_ID, fault)
    with pytest.raises(errors.ImageUnacceptable, match=reason):
        cache.fetch(CONTEXT, FAKE_IMAGE_ID)
    assert left(cache) == []
    assert cache.fetch(CONTEXT, FAKE_IMAGE_ID).format == "raw"


def test_an_absent_store_is_asked_again(
    tmp_path: Path, images: FakeImages, manual_clock: ManualClock
) -> None:
    cache = make_cache(tmp_path, images, glance__num_retries=2)
    images.fail(FAKE_IMAGE_ID, "interrupted", times=2)
    started = manual_clock.monotonic()
    assert cache.fetch(CONTEXT, FAKE_IMAGE_ID).virtual_size == 1024
    assert images.downloads == {FAKE_IMAGE_ID: 3}
    assert manual_clock.monotonic() - started == 3.0


def test_it_is_not_asked_for_ever(
    tmp_path: Path, images: FakeImages, manual_clock: ManualClock
) -> None:
    cache = make_cache(tmp_path, images, glance__num_retries=2)
    images.fail(FAKE_IMAGE_ID, "interrupted", times=9)
    with pytest.raises(errors.ImageStoreUnavailable):
        cache.fetch(CONTEXT, FAKE_IMAGE_ID)
    assert images.downloads == {FAKE_IMAGE_ID: 3}
    assert left(cache) == []


def test_a_base_without_its_record_is_fetched_again(cache: ImageCache, images: FakeImages) -> None:
    base = cache.folder / base_name(FAKE_IMAGE_ID)
    base.write_bytes(b"who knows")
    assert cache.fetch(CONTEXT, FAKE_IMAGE_ID).virtual_size == 1024
    (cache.folder / f"{base.name}.json").write_text("{broken")
    cache.fetch(CONTEXT, FAKE_IMAGE_ID)
    assert images.downloads == {FAKE_IMAGE_ID: 2}


def test_prepare_removes_what_a_crash_left(tmp_path: Path, images: FakeImages) -> None:
    cache = make_cache(tmp_path, images)
    (cache.folder / f"{PART}{'a' * 40}-1234").write_bytes(b"half")
    alive = cache.folder / f"{PART}{'b' * 40}-1234"
    alive.write_bytes(b"half")
    with files.FileLock(tmp_path / "instances" / "locks" / ("b" * 40)):
        cache.prepare()
    assert left(cache) == [alive.name]


def old(cache: ImageCache, age: float) -> Path:
    base = cache.fetch(CONTEXT, FAKE_IMAGE_ID).path
    past = time.time() - age
    os.utime(cache.folder / f"{base.name}.json", (past, past))
    return base


def test_sweep_removes_unused_old_bases(cache: ImageCache, images: FakeImages) -> None:
    base = old(cache, 86_300)
    assert cache.sweep(lambda path: False) == []
    old(cache, 86_500)
    assert cache.sweep(lambda path: path == base) == []
    assert cache.sweep(lambda path: False) == []  # it was in use a moment ago
    old(cache, 86_500)
    assert cache.sweep(lambda path: False) == [base]
    assert left(cache) == []
    cache.fetch(CONTEXT, FAKE_IMAGE_ID)
    assert images.downloads == {FAKE_IMAGE_ID: 2}


def test_sweep_leaves_what_is_being_fetched_or_is_not_its_own(
    cache: ImageCache, tmp_path: Path
) -> None:
    base = old(cache, 90_000)
    (cache.folder / "ephemeral").write_text("x")
    with files.FileLock(tmp_path / "instances" / "locks" / base.name):
        assert cache.sweep(lambda path: False) == []
    assert "ephemeral" in left(cache)


def test_sweep_can_be_turned_off(tmp_path: Path, images: FakeImages) -> None:
    cache = make_cache(tmp_path, images, image_cache__remove_unused_base_images=False)
    old(cache, 900_000)
    assert cache.sweep(lambda path: False) == []


def test_a_new_base_is_kept_for_a_while_whatever_the_option_says(
    tmp_path: Path, images: FakeImages
) -> None:
    option = {"image_cache__remove_unused_original_minimum_age_seconds": 0}
    cache = make_cache(tmp_path, images, **option)
    cache.fetch(CONTEXT, FAKE_IMAGE_ID)
    assert cache.sweep(lambda path: False) == []
    base = old(cache, 100)
    assert cache.sweep(lambda path: False) == [base]
