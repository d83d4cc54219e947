# SPDX-License-Identifier: Apache-2.0
"""A guest is rescued, and made anew: its ports and addresses, and the way to it from outside, are
the same all the time."""

from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.rabbit import RabbitServer
from tests.fixtures.wait import wait_for
from tests.integration.cloud.hosts import Project, add_outside, give_floating, hosts_cloud
from tests.integration.cloud.lab import BOOT, login

pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.rabbit,
    pytest.mark.skipif(not RabbitServer.available(), reason="needs RabbitMQ"),
]

READY = "GUEST: ready"
NAMED = ("id", "mac_address", "fixed_ips", "binding:host_id", "status")


class Server:
    def __init__(self, owner: Project, uuid: str, image: str) -> None:
        self.owner = owner
        self.uuid = uuid
        self.image = image

    def act(self, action: str, status: str, body: Any = None) -> None:
        self.owner.call("POST", f"/v2.1/servers/{self.uuid}/action", {action: body})

        def there() -> bool:
            found = self.owner.server(self.uuid)
            assert found["status"] != "ERROR", found["fault"]
            return found["status"] == status and found["OS-EXT-STS:task_state"] is None

        wait_for(there, BOOT, f"the server to be {status}")

    def shape(self) -> tuple[Any, list[dict[str, Any]]]:
        """Its addresses, and its ports."""
        ports = self.owner.find("port", f"device_id={self.uuid}")
        named = [{name: port[name] for name in NAMED} for port in ports]
        return self.owner.server(self.uuid)["addresses"], named

    def ready(self, times: int) -> None:
        wait_for(
            lambda: self.owner.console(self.uuid).count(READY) >= times,
            BOOT,
            f"the guest to be up {times} times",
        )


def test_the_way_to_a_guest_stays(tmp_path: Path) -> None:
    key = tmp_path / "key"
    with hosts_cloud(1) as cloud:
        admin = cloud.admin("red")
        outside = add_outside(cloud.admin())
        cloud.add_flavor("tiny", ram=128)
        image = cloud.add_guest_image()
        made = admin.call("POST", "/v2.1/os-keypairs", {"keypair": {"name": "mine"}})
        key.write_text(made["keypair"]["private_key"])
        key.chmod(0o600)
        network = admin.network("private", "10.0.0.0/24")
        admin.open(22)
        uuid = admin.boot("steady", imageRef=image, networks=[{"uuid": network}], key_name="mine")
        server = Server(admin, uuid, image)
        server.ready(1)
        address = give_floating(admin, uuid, outside)
        login(key, address, "echo broken > /root/mine; sync")
        before = server.shape()

        server.act("rescue", "RESCUE")
        server.ready(2)
        mend = "mount /dev/vdb2 /mnt; cat /mnt/root/mine; echo mended > /mnt/root/mine; umount /mnt"
        assert login(key, address, mend).strip() == "broken"
        assert server.shape() == before

        server.act("unrescue", "ACTIVE")
        server.ready(3)
        assert login(key, address, "cat /root/mine").strip() == "mended"
        assert server.shape() == before

        server.act("rebuild", "ACTIVE", {"imageRef": image})
        server.ready(1)
        assert login(key, address, "cat /root/mine 2>&1 || echo gone").strip().endswith("gone")
        assert server.shape() == before
        admin.call("DELETE", f"/v2.1/servers/{uuid}")
        wait_for(lambda: not admin.find("port", f"device_id={uuid}"), BOOT, "its ports to go")
