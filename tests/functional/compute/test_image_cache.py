# SPDX-License-Identifier: Apache-2.0
"""One image cache for several processes, and a disk that is full."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nova_lite.backends.image.fake import FAKE_IMAGE_ID, FakeImages
from nova_lite.base.context import RequestContext
from nova_lite.compute.actions.images import ImageActions
from nova_lite.compute.images import ImageCache, base_name
from nova_lite.domain.errors import ImageNotFound, Unavailable
from nova_lite.domain.image import Image
from tests.fixtures.glance import GlanceStandIn
from tests.fixtures.settings import make_conf

pytestmark = pytest.mark.skipif(shutil.which("qemu-img") is None, reason="needs qemu-img")

IMAGE = Image(
    id="00000000-0000-4000-8000-000000000001",
    owner="p1",
    visibility="public",
    disk_format="raw",
    container_format="bare",
)
FETCH = """
import sys
from collections.abc import Iterator
from nova_lite.backends import keystone
from nova_lite.backends.image.glance import GlanceImages
from nova_lite.base.context import RequestContext
from nova_lite.compute.images import ImageCache
from tests.fixtures.settings import make_conf
conf = make_conf(instances_path=sys.argv[1])
keystone.register(conf, "glance")
conf.set_override("endpoint_override", sys.argv[2], "glance")
cache = ImageCache(conf, GlanceImages(conf))
cache.prepare()
print("ready", flush=True)
sys.stdin.readline()
print(cache.fetch(RequestContext(auth_token="t"), sys.argv[3]).virtual_size)
"""


def test_processes_share_one_download(tmp_path: Path) -> None:
    with GlanceStandIn() as glance:
        glance.put(IMAGE, os.urandom(8 << 20))
        command = [sys.executable, "-c", FETCH, str(tmp_path), glance.url, IMAGE.id]
        processes = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(3)
        ]
        try:
            for process in processes:
                assert process.stdout is not None and process.stdout.readline() == "ready\n"
            said = []
            for process in processes:
                assert process.stdin is not None
                process.stdin.write("go\n")
                process.stdin.flush()
            for process in processes:
                said.append(process.communicate(timeout=120)[0])
        finally:
            for process in processes:
                process.kill()
                process.wait()
        assert said == [f"{8 << 20}\n"] * 3
        downloads = [path for path, _ in glance.requests if path.endswith("/file")]
        assert len(downloads) == 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one MiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, check=False).returncode:
        pytest.skip("needs the right to mount")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_said_and_leaves_nothing(small_disk: Path) -> None:
    images = FakeImages()
    images.put(IMAGE, b"x" * (2 << 20))
    cache = ImageCache(make_conf(instances_path=str(small_disk)), images)
    cache.prepare()
    context = RequestContext(project_id="p1")
    with pytest.raises(Unavailable, match="Storage of this host .* No space left"):
        cache.fetch(context, IMAGE.id)
    assert list(cache.folder.iterdir()) == []
    assert cache.fetch(context, FAKE_IMAGE_ID).virtual_size == 1024


def test_an_image_that_is_here_ahead_is_not_fetched_again(tmp_path: Path) -> None:
    images = FakeImages()
    cache = ImageCache(make_conf(instances_path=str(tmp_path)), images)
    context = RequestContext(project_id="p1")
    ahead = ImageActions(cache)
    for _ in range(2):
        ahead.cache_image(context, image_id=FAKE_IMAGE_ID)
        assert (cache.folder / base_name(FAKE_IMAGE_ID)).is_file()
    assert cache.fetch(context, FAKE_IMAGE_ID).virtual_size == 1024
    assert images.downloads == {FAKE_IMAGE_ID: 1}
    with pytest.raises(ImageNotFound):
        ahead.cache_image(context, image_id=IMAGE.id)
