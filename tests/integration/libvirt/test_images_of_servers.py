# SPDX-License-Identifier: Apache-2.0
"""The whole service with real guests: images, backups and the shelf keep what a guest wrote."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nova_lite.backends.image.verify import read_chunks
from nova_lite.base.context import service_context
from nova_lite.compute.host import ComputeHost
from nova_lite.domain.image import Image
from nova_lite.domain.instance import Instance
from nova_lite.virt.libvirt.driver import LibvirtDriver
from tests.fixtures.cloud import Cloud
from tests.fixtures.libvirtd import Libvirtd
from tests.fixtures.wait import wait_for
from tests.fixtures.wsgi_client import Response
from tests.integration.libvirt.guests import wait_ready
from tests.integration.libvirt.test_rescue import Inside

PROJECT = "p1"
PATIENCE = 240.0  # seconds for guests on a busy machine


class Real:
    """A cloud of one host with libvirt, and an image that boots."""

    def __init__(self, libvirtd: Libvirtd, folder: Path, guest_image: Path) -> None:
        self.libvirtd = libvirtd
        self.instances = folder / "instances"
        self.cloud = Cloud(
            compute_driver="libvirt.LibvirtDriver",
            instances_path=str(self.instances),
            libvirt__virt_type="qemu",
            libvirt__connection_uri=libvirtd.uri,
            image__backend="local",
            image__local_path=str(folder / "images"),
            network__backend="none",
        )
        self.member = self.cloud.client("alice", PROJECT, "member")
        self._inside: dict[str, Inside] = {}
        self.image = self._upload(guest_image)
        self.flavor = self.cloud.flavor(ram=128, disk=1)

    def _upload(self, path: Path) -> str:
        fields = {"visibility": "public", "disk_format": "qcow2", "container_format": "bare"}
        image = Image(id=str(uuid.uuid4()), name="guest", **fields)
        self.cloud.images.create(service_context(), image)
        with open(path, "rb") as file:
            self.cloud.images.upload(service_context(), image.id, read_chunks(file))
        return image.id

    @property
    def driver(self) -> LibvirtDriver:
        parts = [part for service in self.cloud._services for part in service._parts]
        (host,) = [part for part in parts if isinstance(part, ComputeHost)]
        assert isinstance(host.driver, LibvirtDriver)
        return host.driver

    def server(self, image: str | None = None) -> str:
        made = self.cloud.server(
            project=PROJECT, image=image or self.image, flavor=self.flavor, wait=None
        )
        self.becomes(made, "ACTIVE")
        return made

    def becomes(self, server: str, status: str) -> dict[str, Any]:
        return self.cloud.wait_for_status(server, status, timeout=PATIENCE)

    def act(self, server: str, action: str, body: Any = None) -> Response:
        answer = self.member.post(f"/v2.1/servers/{server}/action", {action: body})
        assert answer.status == 202, answer.body
        return answer

    def found(self, server: str) -> Instance:
        instance: Instance = self.cloud.clients.conductor.get_instance(
            service_context(), uuid=server
        )
        return instance

    def ask(self, server: str, *lines: str) -> str:
        """What the guest says, at its console."""
        if server not in self._inside:
            self._inside[server] = Inside(self.libvirtd, self.driver, self.found(server))
        return self._inside[server].ask(*lines)

    def wait_image(self, image_id: str) -> Image:
        def there() -> Image | None:
            image: Image = self.cloud.images.get(self.cloud.context(PROJECT), image_id)
            return image if image.status == "active" else None

        return wait_for(there, PATIENCE, "the image to have its data")

    def remove(self, *servers: str) -> None:
        for server in servers:
            self.member.request("DELETE", f"/v2.1/servers/{server}")
        for server in servers:
            self.cloud.wait_until_gone(server, timeout=PATIENCE)


@pytest.fixture(scope="module")
def real(
    libvirtd: Libvirtd, guest_qcow2: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Real]:
    made = Real(libvirtd, tmp_path_factory.mktemp("real"), guest_qcow2)
    try:
        yield made
    finally:
        made.cloud.stop()


def test_a_server_made_of_an_image_of_a_server(real: Real) -> None:
    first = real.server()
    real.ask(first, "echo precious > /root/mine")
    image_id = real.act(first, "createImage", {"name": "mine"}).json["image_id"]
    image = real.wait_image(image_id)
    real.becomes(first, "ACTIVE")
    assert (image.disk_format, image.container_format, image.min_disk) == ("qcow2", "bare", 1)
    assert image.virtual_size == 1 << 30
    assert list((real.instances / "snapshots").iterdir()) == []

    second = real.server(image_id)
    assert "precious" in real.ask(second, "cat /root/mine")
    real.ask(first, "cat /root/mine")
    real.remove(first, second)


def test_a_server_on_the_shelf_keeps_its_disk_and_nothing_else(real: Real) -> None:
    server = real.server()
    real.ask(server, "echo precious > /root/mine")
    real.act(server, "shelve")
    real.becomes(server, "SHELVED_OFFLOADED")
    assert not (real.instances / server).exists()
    assert server not in real.libvirtd.virsh("list", "--all", "--uuid")

    real.act(server, "unshelve")
    real.becomes(server, "ACTIVE")
    assert "precious" in real.ask(server, "cat /root/mine")
    real.act(server, "reboot", {"type": "HARD"})
    real.becomes(server, "ACTIVE")
    wait_ready(real.driver, real.found(server), 2)
    assert "precious" in real.ask(server, "cat /root/mine"), "it stands on the shelf's image"
    real.remove(server)


def test_the_newest_backup_stays_and_boots(real: Real) -> None:
    server = real.server()
    made = []
    for word in ("first", "second"):
        real.ask(server, f"echo {word} > /root/mine")
        wish = {"name": "backup", "backup_type": "daily", "rotation": 1}
        made.append(real.act(server, "createBackup", wish).json["image_id"])
        real.becomes(server, "ACTIVE")
    context = real.cloud.context(PROJECT)
    kept = real.cloud.images.list(context, properties={"backup_type": "daily"})
    assert [image.id for image in kept] == made[1:]
    again = real.server(made[1])
    assert "second" in real.ask(again, "cat /root/mine")
    real.remove(server, again)


def test_a_stopped_server_gives_an_image_too(real: Real) -> None:
    server = real.server()
    real.ask(server, "echo precious > /root/mine")
    real.act(server, "os-stop")
    real.becomes(server, "SHUTOFF")
    image_id = real.act(server, "createImage", {"name": "cold"}).json["image_id"]
    real.wait_image(image_id)
    real.becomes(server, "SHUTOFF")
    again = real.server(image_id)
    assert "precious" in real.ask(again, "cat /root/mine")
    real.remove(server, again)
