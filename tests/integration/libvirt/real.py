# SPDX-License-Identifier: Apache-2.0
"""The whole service in this process, with real guests."""

import uuid
from pathlib import Path
from typing import Any

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
from tests.integration.libvirt.guests import Inside

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
        self.guest_image = guest_image
        self.image = self.upload(guest_image)
        self.flavor = self.cloud.flavor(ram=128, disk=1)

    def upload(self, path: Path, **more: Any) -> str:
        """The id of a new image of a qcow2 file; `more`: fields of it."""
        fields = {"visibility": "public", "disk_format": "qcow2", "container_format": "bare"}
        image = Image(id=str(uuid.uuid4()), name="guest", **fields, **more)
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
