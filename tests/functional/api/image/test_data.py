# SPDX-License-Identifier: Apache-2.0
"""The data of images, up and down."""

import hashlib
import os
from typing import Any

from tests.functional.api.image.lab import MAX_SIZE, Images

DATA = os.urandom(3_500_000)


def test_there_and_back(images: Images) -> None:
    image_id = images.make()["id"]
    assert images.call("GET", f"/v2/images/{image_id}/file").status == 204
    answer = images.upload(image_id, DATA)
    assert (answer.status, answer.body) == (204, b"")
    image = images.show(image_id)
    assert (image["status"], image["size"]) == ("active", len(DATA))
    assert image["checksum"] == hashlib.md5(DATA).hexdigest()
    assert image["os_hash_algo"] == "sha512"
    assert image["os_hash_value"] == hashlib.sha512(DATA).hexdigest()
    found = images.call("GET", f"/v2/images/{image_id}/file")
    assert (found.status, found.body == DATA) == (200, True)
    assert found.header("Content-MD5") == image["checksum"]
    assert found.header("Content-Length") == str(len(DATA))
    assert found.header("Content-Type") == "application/octet-stream"


def test_nothing_is_data_too(images: Images) -> None:
    image_id = images.make(b"")["id"]
    assert (images.show(image_id)["status"], images.show(image_id)["size"]) == ("active", 0)


def test_only_once(images: Images) -> None:
    image_id = images.make(b"first")["id"]
    assert images.upload(image_id, b"second").status == 409
    assert images.call("GET", f"/v2/images/{image_id}/file").body == b"first"


def test_other_media(images: Images) -> None:
    image_id = images.make()["id"]
    path = f"/v2/images/{image_id}/file"
    kind = {"Content-Type": "application/json"}
    assert images.call("PUT", path, raw=b"x", headers=kind).status == 415
    assert images.show(image_id)["status"] == "queued"


def test_less_than_was_said(images: Images) -> None:
    image_id = images.make()["id"]
    answer = images.upload(image_id, DATA, **{"Content-Length": str(len(DATA) + 1)})
    assert (answer.status, "ended early" in answer.fault[1]) == (400, True)
    assert_waits(images, image_id)


def test_too_much(images: Images) -> None:
    said = images.make()["id"]
    answer = images.upload(said, b"x", **{"Content-Length": str(MAX_SIZE + 1)})
    assert (answer.status, answer.fault[0]) == (413, "overLimit")
    assert_waits(images, said)
    unsaid = images.make()["id"]
    headers = {"Transfer-Encoding": "chunked", "Content-Length": ""}
    assert images.upload(unsaid, b"x" * (MAX_SIZE + 1), **headers).status == 413
    assert_waits(images, unsaid)
    assert images.upload(unsaid, b"x" * MAX_SIZE, **headers).status == 204
    assert images.show(unsaid)["size"] == MAX_SIZE


def assert_waits(images: Images, image_id: str) -> None:
    """The image has no data, and takes some."""
    image: Any = images.show(image_id)
    assert (image["status"], image["size"]) == ("queued", None)
    left = [path.name for path in images.folder.iterdir() if image_id in path.name]
    assert left == [f"{image_id}.json"]
