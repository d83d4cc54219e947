# SPDX-License-Identifier: Apache-2.0
"""From a guest through the relay to the real metadata service, and back."""

import base64
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from nova_lite.base import process
from tests.fixtures.wait import wait_for
from tests.integration.network.lab import ROOT, Guest, Host, network, port, uid

API = 8774
SCRIPT = b"#!/bin/sh\necho hello\n\xff"

# METHOD PATH [BODY in hex]; prints the status, and the body in hex
ASK = """\
import http.client, sys
c = http.client.HTTPConnection('169.254.169.254', 80, timeout=20)
c.request(sys.argv[1], sys.argv[2], body=bytes.fromhex(sys.argv[3]) if sys.argv[3:] else None)
r = c.getresponse(); print(r.status, r.read().hex())
"""
# METHOD URL USER:PASSWORD [JSON]
CALL = """\
import json, requests, sys
method, url, who = sys.argv[1:4]
body = json.loads(sys.argv[4]) if sys.argv[4:] else None
r = requests.request(method, url, auth=tuple(who.split(':')), json=body, timeout=30,
                     headers={'OpenStack-API-Version': 'compute 2.90'})
print(json.dumps([r.status_code, r.json() if r.text else None]))
"""


class Cloud:
    """Embedded mode in the network namespace of a host, with guests that are pretended."""

    def __init__(self, host: Host, folder: Path) -> None:
        self.host = host
        (folder / "etc").mkdir(parents=True)
        # where the relay of this host looks for the service
        (folder / "etc" / "local.conf").write_text(
            "[DEFAULT]\nmetadata_listen_port = 8775\n"
            "[neutron]\nmetadata_proxy_shared_secret = s3cret\n"
        )
        command = [sys.executable, "-m", "nova_lite.cmd.embedded", "--data", str(folder)]
        environment = {**process.environment(), "PYTHONPATH": str(ROOT)}
        with (folder / "output").open("wb") as output:
            self.process = subprocess.Popen(
                host.command([*command, "--driver", "fake", "--port", str(API)]),
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment,
            )  # fmt: skip
        ports = (f":{API} ", ":8775 ")
        wait_for(lambda: all(p in host.run("ss -tln") for p in ports), 60, "embedded mode")
        clouds = yaml.safe_load((folder / "clouds.yaml").read_text())["clouds"]["nova-lite"]
        self.who = f"{clouds['auth']['username']}:{clouds['auth']['password']}"
        self.project = clouds["nova_lite_project_id"]

    def call(self, method: str, path: str, body: Any = None) -> Any:
        words = [json.dumps(body)] if body is not None else []
        url = f"http://127.0.0.1:{API}/v2.1{path}"
        text = self.host.python(CALL, method, url, self.who, *words)
        status, answer = json.loads(text)
        assert status < 400, answer
        return answer

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(60)


@pytest.fixture
def cloud(make_host: Callable[..., Host], tmp_path: Path) -> Iterator[Cloud]:
    made = Cloud(make_host(metadata_host="127.0.0.1"), tmp_path / "data")
    yield made
    made.stop()


def ask(guest: Guest, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
    words = guest.python(ASK, method, path, *([body.hex()] if body else [])).split()
    return int(words[0]), bytes.fromhex(words[1]) if words[1:] else b""


def server_of(cloud: Cloud) -> str:
    flavor = {"name": "f", "vcpus": 1, "ram": 64, "disk": 0}
    cloud.call("POST", "/flavors", {"flavor": {**flavor, "id": "f"}})
    body = {
        "name": "The Guest",
        "imageRef": image_of(cloud),
        "flavorRef": "f",
        "networks": "none",
        "user_data": base64.b64encode(SCRIPT).decode(),
    }
    made = cloud.call("POST", "/servers", {"server": body})["server"]["id"]
    return str(made)


IMAGE = """\
import json, requests, sys
url, who = sys.argv[1], tuple(sys.argv[2].split(':'))
made = requests.post(url + '/v2/images', auth=who, timeout=30, json={
    'name': 'i', 'disk_format': 'raw', 'container_format': 'bare'}).json()['id']
requests.put(url + '/v2/images/' + made + '/file', auth=who, timeout=30, data=b'disk' * 512,
             headers={'Content-Type': 'application/octet-stream'}).raise_for_status()
print(made)
"""


def image_of(cloud: Cloud) -> str:
    return cloud.host.python(IMAGE, f"http://127.0.0.1:{API}/image", cloud.who).strip()


def test_a_guest_asks_and_tells(cloud: Cloud) -> None:
    server = server_of(cloud)
    own = port(1, instance_id=server, project_id=cloud.project)
    stranger = port(2, instance_id=uid(7), project_id=cloud.project)
    elsewhere = port(3, instance_id=server, project_id="another")
    cloud.host.ensure(network(ports=[own, stranger, elsewhere]))
    guest, unknown, liar = (cloud.host.guest(p) for p in (own, stranger, elsewhere))
    for each in (guest, unknown, liar):
        each.take_address()

    status, body = ask(guest, "GET", "/openstack/latest/meta_data.json")
    told = json.loads(body)
    assert (status, told["uuid"], told["hostname"]) == (200, server, "the-guest.novalocal")
    assert ask(guest, "GET", "/openstack/latest/user_data") == (200, SCRIPT)
    assert ask(guest, "GET", "/latest/meta-data/local-ipv4") == (200, b"10.0.0.11")
    assert ask(guest, "GET", "/nothing")[0] == 404
    assert ask(unknown, "GET", "/openstack/latest/meta_data.json")[0] == 404
    assert ask(liar, "GET", "/openstack/latest/meta_data.json")[0] == 404

    place = "/openstack/2013-04-04/password"
    assert ask(guest, "POST", place, b"ZW5jcnlwdGVk") == (200, b"")
    assert ask(guest, "POST", place, b"YW5vdGhlcg==")[0] == 409
    assert ask(guest, "GET", place) == (200, b"ZW5jcnlwdGVk")
    shown = cloud.call("GET", f"/servers/{server}/os-server-password")
    assert shown == {"password": "ZW5jcnlwdGVk"}
