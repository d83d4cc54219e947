# SPDX-License-Identifier: Apache-2.0
"""A whole cloud in a network namespace: embedded mode, libvirt, the built-in network, and
guests that find out who they are."""

import base64
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from nova_lite.base import process
from tests.fixtures.guest_image import can_be_built, guest_image
from tests.fixtures.libvirtd import SystemLibvirtd, available
from tests.fixtures.process import make_folder
from tests.fixtures.wait import wait_for
from tests.integration.network.lab import ROOT, Namespace

API = 8774
BOOT = 240.0  # seconds: without hardware virtualisation, on a busy machine
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMvW1vHQv1Jp7aP3JvA7WJg0Jm1y5sMOHq0wRRUZzQfE a@b"
SCRIPT = b"""#!/bin/sh
wget -q -O - http://169.254.169.254/openstack/latest/network_data.json > /dev/ttyS0
echo > /dev/ttyS0
echo USER DATA ON $(hostname) > /dev/ttyS0
"""
# METHOD URL USER:PASSWORD [JSON or FILE]
CALL = """\
import json, requests, sys
method, url, who = sys.argv[1:4]
more = {}
if len(sys.argv) > 4 and method == 'PUT':
    kind = {'Content-Type': 'application/octet-stream'}
    more = {'data': open(sys.argv[4], 'rb'), 'headers': kind}
elif len(sys.argv) > 4:
    more = {'json': json.loads(sys.argv[4])}
more.setdefault('headers', {})['OpenStack-API-Version'] = 'compute 2.90'
r = requests.request(method, url, auth=tuple(who.split(':')), timeout=60, **more)
print(json.dumps([r.status_code, r.json() if r.text else None]))
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.libvirt,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not (available() and can_be_built()), reason="needs libvirt and QEMU"),
]


class Libvirtd(SystemLibvirtd):
    """Its guests have the network of `space`."""

    def __init__(self, space: Namespace) -> None:
        super().__init__()
        self._space = space

    def _command(self) -> list[str]:
        return self._space.command(super()._command())


class Cloud:
    def __init__(self, space: Namespace, libvirtd: Libvirtd, folder: Path) -> None:
        self.space = space
        self.folder = folder
        (folder / "etc").mkdir(parents=True)
        (folder / "etc" / "local.conf").write_text(
            f"[libvirt]\nconnection_uri = {libvirtd.uri}\nvirt_type = qemu\n"
        )
        command = [sys.executable, "-m", "nova_lite.cmd.embedded", "--data", str(folder)]
        environment = {**process.environment(), "PYTHONPATH": str(ROOT)}
        with (folder / "output").open("wb") as output:
            self.process = subprocess.Popen(
                space.command([*command, "--driver", "libvirt", "--port", str(API)]),
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment,
            )  # fmt: skip
        wait_for(lambda: f":{API} " in space.run("ss -tln"), 90, "embedded mode")
        clouds = yaml.safe_load((folder / "clouds.yaml").read_text())["clouds"]["nova-lite"]
        self._who = f"{clouds['auth']['username']}:{clouds['auth']['password']}"
        wait_for(self._has_a_host, 90, "a host that is up")

    def _has_a_host(self) -> bool:
        assert self.process.poll() is None, self.words()
        found = self.call("GET", "/v2.1/os-hypervisors")["hypervisors"]
        return any(node["state"] == "up" for node in found)

    def words(self) -> str:
        return (self.folder / "output").read_text()[-5000:]

    def call(self, method: str, path: str, body: Any = None) -> Any:
        words = [] if body is None else [body if isinstance(body, str) else json.dumps(body)]
        url = f"http://127.0.0.1:{API}{path}"
        status, answer = json.loads(self.space.python(CALL, method, url, self._who, *words))
        assert status < 400, answer
        return answer

    def image(self) -> str:
        body = {"name": "guest", "disk_format": "qcow2", "container_format": "bare"}
        made = str(self.call("POST", "/image/v2/images", body)["id"])
        self.call("PUT", f"/image/v2/images/{made}/file", str(guest_image()))
        return made

    def server(self, **fields: Any) -> str:
        body = {"flavorRef": "small", "networks": "auto", "key_name": "mine", **fields}
        body["user_data"] = base64.b64encode(SCRIPT).decode()
        return str(self.call("POST", "/v2.1/servers", {"server": body})["server"]["id"])

    def booted(self, server: str) -> str:
        """What the guest's console says when it has come up."""

        def said() -> str | None:
            shown = self.call("GET", f"/v2.1/servers/{server}")["server"]
            assert shown["status"] != "ERROR", (shown.get("fault"), self.words())
            if shown["status"] != "ACTIVE":
                return None
            body: dict[str, Any] = {"os-getConsoleOutput": {}}
            text = str(self.call("POST", f"/v2.1/servers/{server}/action", body)["output"])
            return text if "GUEST: ready" in text else None

        return wait_for(said, BOOT, "a guest")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(90)
        command = [sys.executable, "-m", "nova_lite.cmd.network", "--remove"]
        files = [self.folder / "etc" / name for name in ("nova.conf", "local.conf")]
        options = [word for file in files for word in ("--config-file", str(file))]
        subprocess.run(
            self.space.command([*command, *options]), check=True, timeout=120,
            env={**process.environment(), "PYTHONPATH": str(ROOT)},
        )  # fmt: skip


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    space, folder = Namespace(), make_folder("cloud")
    libvirtd = Libvirtd(space)
    libvirtd.start()
    made = Cloud(space, libvirtd, folder / "data")
    try:
        yield made
    finally:
        made.stop()
        libvirtd.stop()
        space.end()
        shutil.rmtree(folder, ignore_errors=True)


def test_guests_find_out_who_they_are(cloud: Cloud) -> None:
    flavor = {"name": "small", "id": "small", "vcpus": 1, "ram": 128, "disk": 1}
    cloud.call("POST", "/v2.1/flavors", {"flavor": flavor})
    keypair = {"name": "mine", "public_key": KEY, "type": "ssh"}
    cloud.call("POST", "/v2.1/os-keypairs", {"keypair": keypair})
    image = cloud.image()
    asks = cloud.server(name="asks", imageRef=image)
    reads = cloud.server(name="reads", imageRef=image, config_drive=True, networks="none")

    words = cloud.booted(asks)
    assert f"from metadata-service: uuid={asks} hostname=asks.novalocal" in words
    assert "GUEST: ssh keys: 1" in words
    assert "USER DATA ON asks.novalocal" in words
    (line,) = [line for line in words.splitlines() if line.startswith('{"links"')]
    told = json.loads(line)
    shown = cloud.call("GET", f"/v2.1/servers/{asks}")["server"]["addresses"]
    ((address,),) = shown.values()
    assert told["links"][0]["ethernet_mac_address"] == address["OS-EXT-IPS-MAC:mac_addr"]
    assert told["links"][0]["type"] == "bridge"
    assert [net["type"] for net in told["networks"]] == ["ipv4_dhcp"]

    words = cloud.booted(reads)
    assert f"from config-drive: uuid={reads} hostname=reads.novalocal" in words
    assert "USER DATA ON reads.novalocal" in words
    assert "GUEST: ssh keys: 1" in words
    assert "GUEST: dhcp" not in words
