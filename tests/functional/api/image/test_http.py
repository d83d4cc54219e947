# SPDX-License-Identifier: Apache-2.0
"""The Image API over a socket: openstacksdk as it is, and connections that break."""

import hashlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openstack
import pytest
from openstack import exceptions

from nova_lite.api import serve
from nova_lite.backends.image.local import LocalImages
from nova_lite.base.context import service_context
from nova_lite.rpc.memory import MemoryBus
from tests.fixtures.wait import wait_for
from tests.functional.api.image.lab import configure

DATA = os.urandom(2_500_000)
TOKEN = "u1:p1:member"


class Served:
    """The port, and the store behind it."""

    def __init__(self, port: int, store: LocalImages) -> None:
        self.port = port
        self.store = store

    def status(self, image_id: str) -> str:
        return self.store.get(service_context(), image_id).status


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    conf = configure(tmp_path, osapi_compute_listen="127.0.0.1", osapi_compute_listen_port=0)
    sock = serve.listen(conf)
    port = sock.getsockname()[1]
    service = serve.build(conf, MemoryBus(), sock=sock)
    service.start()
    try:
        yield Served(port, LocalImages(conf))
    finally:
        service.stop()
        service.wait(10)


@pytest.fixture
def cloud(served: Served) -> Iterator[Any]:
    found = openstack.connect(
        load_envvars=False,
        load_yaml_config=False,
        auth_type="admin_token",
        auth={"endpoint": f"http://127.0.0.1:{served.port}", "token": TOKEN},
        image_endpoint_override=f"http://127.0.0.1:{served.port}/image",
        image_api_version="2",
    )
    yield found
    found.close()


def test_openstacksdk(cloud: Any, tmp_path: Path) -> None:
    source, target = tmp_path / "in", tmp_path / "out"
    source.write_bytes(DATA)
    made = cloud.image.create_image(
        "n",
        filename=str(source),
        disk_format="raw",
        container_format="bare",
        tags=["t"],
        color="red",
    )
    found = cloud.image.find_image("n")
    assert (found.id, found.status, found.size) == (made.id, "active", len(DATA))
    assert (found.checksum, found.hash_algo) == (hashlib.md5(DATA).hexdigest(), "sha512")
    assert (found.tags, found.properties["color"]) == (["t"], "red")
    cloud.image.download_image(found, output=str(target))
    assert target.read_bytes() == DATA
    streamed = cloud.image.download_image(found, stream=True)
    assert b"".join(streamed.iter_content(100_000)) == DATA
    cloud.image.update_image(found, name="m", tags=["q", "t"], color="blue")
    found = cloud.image.find_image("m")
    assert (found.tags, found.properties["color"]) == (["q", "t"], "blue")
    cloud.image.delete_image(found)
    assert list(cloud.image.images()) == []


def test_openstacksdk_reads_pages(cloud: Any) -> None:
    for number in range(7):
        cloud.image.create_image(
            f"n{number}", disk_format="raw", container_format="bare", data=b"x"
        )
    found = [image.name for image in cloud.image.images(limit=3, sort="name:asc")]
    assert found == [f"n{number}" for number in range(7)]


def test_openstacksdk_tells_the_reason(cloud: Any) -> None:
    made = cloud.image.create_image("n", disk_format="raw", container_format="bare", data=b"x")
    with pytest.raises(exceptions.ForbiddenException, match="publicize_image"):
        cloud.image.update_image(made, visibility="public")
    with pytest.raises(exceptions.NotFoundException, match="no shares of images"):
        list(cloud.image.members(made))
    with pytest.raises(exceptions.BadRequestException, match="'exe' is not one of"):
        cloud.image.create_image("n", disk_format="exe", container_format="bare", data=b"x")


def test_an_upload_in_chunks(cloud: Any) -> None:
    pieces = (DATA[at : at + 300_000] for at in range(0, len(DATA), 300_000))
    made = cloud.image.create_image("n", disk_format="raw", container_format="bare")
    answer = cloud.image.put(
        f"/images/{made.id}/file",
        data=pieces,
        headers={"Content-Type": "application/octet-stream"},
    )
    assert answer.status_code == 204
    assert cloud.image.get_image(made.id).checksum == hashlib.md5(DATA).hexdigest()


@pytest.mark.parametrize(
    ("header", "body"),
    [
        (f"Content-Length: {len(DATA)}", DATA[:-1]),
        ("Transfer-Encoding: chunked", b"%x\r\n%s\r\n" % (len(DATA), DATA)),
        ("Transfer-Encoding: chunked", b"%x\r\n%s" % (len(DATA), DATA[:-1])),
    ],
)
def test_an_uploader_who_goes_away(served: Served, cloud: Any, header: str, body: bytes) -> None:
    image_id = cloud.image.create_image("n", disk_format="raw", container_format="bare").id
    with socket.create_connection(("127.0.0.1", served.port)) as wire:
        head = (
            f"PUT /image/v2/images/{image_id}/file HTTP/1.1\r\nHost: a\r\n{header}\r\n"
            f"X-Auth-Token: {TOKEN}\r\nContent-Type: application/octet-stream\r\n\r\n"
        )
        wire.sendall(head.encode() + body)
        wait_for(lambda: served.status(image_id) == "saving", 10, "the upload to begin")
    wait_for(lambda: served.status(image_id) == "queued", 10, "the upload to be given up")
    made = cloud.image.get_image(image_id)
    made.data = DATA
    made.upload(cloud.image)
    assert served.status(image_id) == "active"


def test_a_downloader_who_goes_away(served: Served, cloud: Any) -> None:
    image_id = cloud.image.create_image(
        "n", disk_format="raw", container_format="bare", data=DATA
    ).id
    path = str(served.store.store.folder / image_id)
    with socket.create_connection(("127.0.0.1", served.port)) as wire:
        wire.sendall(
            f"GET /image/v2/images/{image_id}/file HTTP/1.1\r\nHost: a\r\n"
            f"X-Auth-Token: {TOKEN}\r\n\r\n".encode()
        )
        assert wire.recv(100).startswith(b"HTTP/1.1 200 OK")
    wait_for(lambda: path not in opened(), 10, "the file to be closed")


def opened() -> set[str]:
    """What this process has open."""
    found = set()
    for entry in Path("/proc/self/fd").iterdir():
        try:
            found.add(os.readlink(entry))
        except FileNotFoundError:
            continue
    return found
