# SPDX-License-Identifier: Apache-2.0
"""A guest goes on the shelf on one host and comes back on another one, with all that is its own:
its disk, its addresses, the way to it from outside."""

from pathlib import Path

import pytest

from tests.fixtures.rabbit import RabbitServer
from tests.fixtures.wait import wait_for
from tests.integration.cloud.hosts import (
    HostsCloud,
    Project,
    add_outside,
    give_floating,
    hosts_cloud,
)
from tests.integration.cloud.lab import BOOT, login

pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.rabbit,
    pytest.mark.skipif(not RabbitServer.available(), reason="needs RabbitMQ"),
]

READY = "GUEST: ready"


def becomes(admin: Project, server: str, status: str) -> None:
    def there() -> bool:
        found = admin.server(server)
        assert found["status"] != "ERROR", found["fault"]
        return found["status"] == status and found["OS-EXT-STS:task_state"] is None

    wait_for(there, BOOT, f"the server to be {status}")


def hosts_of_ports(admin: Project, server: str) -> list[str]:
    return [port["binding:host_id"] for port in admin.find("port", f"device_id={server}")]


def boot(cloud: HostsCloud, admin: Project, image: str, network: str) -> str:
    return admin.boot(
        "wanderer",
        imageRef=image,
        availability_zone="nova:host1",
        networks=[{"uuid": network}],
        key_name="mine",
    )


def test_from_one_host_to_the_other(tmp_path: Path) -> None:
    key = tmp_path / "key"
    with hosts_cloud(2) as cloud:
        admin = cloud.admin("red")
        admin._headers["OpenStack-API-Version"] = "compute 2.91"
        outside = add_outside(cloud.admin())
        cloud.add_flavor("tiny", ram=128)
        image = cloud.add_guest_image()
        made = admin.call("POST", "/v2.1/os-keypairs", {"keypair": {"name": "mine"}})
        key.write_text(made["keypair"]["private_key"])
        key.chmod(0o600)
        network = admin.network("private", "10.0.0.0/24")
        admin.open(22)
        server = boot(cloud, admin, image, network)
        admin.console_with(server, READY)
        address = give_floating(admin, server, outside)
        login(key, address, "echo precious > /root/mine")
        before = admin.server(server)
        assert before["OS-EXT-SRV-ATTR:host"] == "host1"
        assert hosts_of_ports(admin, server) == ["host1"]

        path = f"/v2.1/servers/{server}/action"
        admin.call("POST", path, {"shelve": None})
        becomes(admin, server, "SHELVED_OFFLOADED")
        assert hosts_of_ports(admin, server) == [""]

        admin.call("POST", path, {"unshelve": {"host": "host2"}})
        becomes(admin, server, "ACTIVE")
        admin.console_with(server, READY)
        after = admin.server(server)
        assert after["OS-EXT-SRV-ATTR:host"] == "host2"
        assert after["addresses"] == before["addresses"]
        assert hosts_of_ports(admin, server) == ["host2"]
        assert login(key, address, "cat /root/mine").strip() == "precious"
        admin.call("DELETE", f"/v2.1/servers/{server}")
        wait_for(lambda: not admin.find("port", f"device_id={server}"), BOOT, "its ports to go")
