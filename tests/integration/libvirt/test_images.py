# SPDX-License-Identifier: Apache-2.0
"""From an image store to a guest: fetched, checked, converted, booted, removed in time."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from nova_lite.backends.image.local import LocalImages
from nova_lite.base import ids
from nova_lite.base.context import RequestContext
from nova_lite.compute.images import ImageCache
from nova_lite.domain.errors import ImageUnacceptable
from nova_lite.domain.image import Image
from nova_lite.virt.driver import SpawnSpec
from nova_lite.virt.libvirt.driver import LibvirtDriver
from tests.fixtures.settings import make_conf
from tests.integration.libvirt.guests import small, wait_ready

MEMBER = RequestContext(project_id="p1", roles=("member", "reader"))
GIB = 1 << 30


class Store:
    """A local image store, and a cache that is filled from it."""

    def __init__(self, folder: Path, instances: Path, **options: object) -> None:
        conf = make_conf(
            image__local_path=str(folder / "images"), instances_path=str(instances), **options
        )
        self.images = LocalImages(conf)
        self.cache = ImageCache(conf, self.images)
        self.cache.prepare()

    def upload(self, path: Path, disk_format: str = "qcow2") -> str:
        wanted = Image(id=ids.new_uuid(), disk_format=disk_format, container_format="bare")
        image = self.images.create(MEMBER, wanted)
        self.images.upload(MEMBER, image.id, [path.read_bytes()])
        return image.id


@pytest.mark.parametrize("raw", [True, False], ids=["raw-base", "qcow2-base"])
def test_a_server_boots_from_an_image(
    driver: LibvirtDriver, guest_qcow2: Path, tmp_path: Path, instances: Path, raw: bool
) -> None:
    store = Store(tmp_path, instances, force_raw_images=raw)
    image_id = store.upload(guest_qcow2)
    root = store.cache.fetch(MEMBER, image_id, max_virtual_size=GIB)
    assert root.format == ("raw" if raw else "qcow2")
    instance = small(image_ref=image_id)
    try:
        driver.spawn(SpawnSpec(instance=instance, root=root))
        wait_ready(driver, instance)
        _age(store.cache, root.path)
        assert store.cache.sweep(driver.image_in_use) == []
    finally:
        driver.destroy(instance)
    _age(store.cache, root.path)
    assert store.cache.sweep(driver.image_in_use) == [root.path]


def _age(cache: ImageCache, base: Path) -> None:
    past = time.time() - 100_000
    os.utime(cache.folder / f"{base.name}.json", (past, past))


def test_a_raw_image_boots(
    driver: LibvirtDriver, guest_qcow2: Path, tmp_path: Path, instances: Path
) -> None:
    raw = tmp_path / "guest.raw"
    subprocess.run(["qemu-img", "convert", "-O", "raw", guest_qcow2, raw], check=True)
    store = Store(tmp_path, instances)
    root = store.cache.fetch(MEMBER, store.upload(raw, "raw"))
    instance = small()
    try:
        driver.spawn(SpawnSpec(instance=instance, root=root))
        wait_ready(driver, instance)
    finally:
        driver.destroy(instance)


def test_images_that_would_read_files_of_the_host_are_refused(
    tmp_path: Path, instances: Path, guest_qcow2: Path
) -> None:
    """Made with the real tools: a backing file, a data file, and a qcow2 that says it is raw."""
    store = Store(tmp_path, instances)
    made = {
        "backing": ["-b", "/etc/passwd", "-F", "raw", "backing.qcow2"],
        "data": ["-o", f"data_file={tmp_path}/secret,data_file_raw=on", "data.qcow2", "1M"],
    }
    for name, options in made.items():
        command = ["qemu-img", "create", "-q", "-f", "qcow2", *options]
        subprocess.run(command, check=True, cwd=tmp_path)
        with pytest.raises(ImageUnacceptable, match="another file"):
            store.cache.fetch(MEMBER, store.upload(tmp_path / f"{name}.qcow2"))
    with pytest.raises(ImageUnacceptable, match="looks like qcow2"):
        store.cache.fetch(MEMBER, store.upload(guest_qcow2, "raw"))
    assert [p.name for p in store.cache.folder.iterdir()] == []


def test_spoilt_data_is_refused(tmp_path: Path, instances: Path, guest_qcow2: Path) -> None:
    store = Store(tmp_path, instances)
    image_id = store.upload(guest_qcow2)
    data = tmp_path / "images" / image_id
    whole = data.read_bytes()
    for spoilt, reason in ((whole[:-1000], "truncated"), (whole[:-1] + b"\xff", "checksum")):
        data.write_bytes(spoilt)
        with pytest.raises(ImageUnacceptable, match=reason):
            store.cache.fetch(MEMBER, image_id)


def test_an_image_that_is_too_large_for_the_flavor(
    tmp_path: Path, instances: Path, guest_qcow2: Path
) -> None:
    large = tmp_path / "large.qcow2"
    large.write_bytes(guest_qcow2.read_bytes())
    subprocess.run(["qemu-img", "resize", "-q", large, "3G"], check=True)
    store = Store(tmp_path, instances)
    with pytest.raises(ImageUnacceptable, match="3 GiB is larger than the flavor's 1 GiB"):
        store.cache.fetch(MEMBER, store.upload(large), max_virtual_size=GIB)
