# SPDX-License-Identifier: Apache-2.0
"""The metadata service as a relay meets it: who asks, what is answered, what is kept."""

import base64
import hashlib
import hmac
import http.server
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nova_lite.api.metadata.service import application, check
from nova_lite.backends.network import fake
from nova_lite.base import clock
from nova_lite.domain import errors
from nova_lite.domain.guestdata import openstack
from nova_lite.network import identity
from tests.fixtures.cloud import Cloud
from tests.fixtures.settings import make_conf
from tests.fixtures.wait import wait_for
from tests.fixtures.wsgi_client import Response, WsgiClient

SECRET = "between us"
PROJECT = "guests"
META = "/openstack/latest/meta_data.json"


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    made = Cloud(hosts=1, neutron__metadata_proxy_shared_secret=SECRET)
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="module")
def server(cloud: Cloud) -> str:
    user_data = base64.b64encode(b"#!/bin/sh\necho hello\n").decode()
    return cloud.server(
        project=PROJECT, name="The Guest", user_data=user_data, metadata={"role": "web"}
    )


class Guest:
    """Asks as the relay does for a guest at 10.0.0.5."""

    def __init__(self, app: Any, server: str, project: str = PROJECT) -> None:
        self._client = WsgiClient(app, None, None)
        self.headers = identity.headers(identity.Asker(server, project), "10.0.0.5", SECRET)

    def ask(self, path: str, method: str = "GET", **more: Any) -> Response:
        return self._client.request(
            method, path, headers=self.headers | more.pop("also", {}), **more
        )


@pytest.fixture(scope="module")
def app(cloud: Cloud) -> Any:
    return application(cloud.conf, cloud.clients)


@pytest.fixture
def guest(app: Any, server: str) -> Guest:
    return Guest(app, server)


# --- who asks -----------------------------------------------------------------------------------


def test_the_guest_is_told_who_it_is(guest: Guest, server: str) -> None:
    answer = guest.ask(META)
    assert (answer.status, answer.header("Content-Type")) == (
        200,
        "application/json; charset=UTF-8",
    )
    assert answer.json["uuid"] == server
    assert answer.json["name"] == "The Guest"
    assert answer.json["hostname"] == "the-guest.novalocal"
    assert answer.json["meta"] == {"role": "web"}
    assert answer.json["project_id"] == PROJECT


def test_trees(guest: Guest) -> None:
    assert guest.ask("/latest/meta-data/hostname").body == b"the-guest.novalocal"
    assert guest.ask("/2009-04-04/meta-data/local-ipv4").body == b"10.0.0.5"
    assert guest.ask("/openstack/latest/user_data").body == b"#!/bin/sh\necho hello\n"
    answer = guest.ask("/openstack/")
    assert answer.header("Content-Type") == "text/plain; charset=UTF-8"
    assert answer.body.splitlines()[-1] == b"latest"
    assert guest.ask("/openstack/latest/nothing").status == 404
    head = guest.ask(META, "HEAD")
    assert (head.status, head.body) == (200, b"")
    assert guest.ask(META, "PUT").status == 405
    assert guest.ask(META, "POST").status == 405


def test_the_seed_is_another_each_time(guest: Guest) -> None:
    seeds = {guest.ask(META).json["random_seed"] for _ in range(3)}
    assert len(seeds) == 3


@pytest.mark.parametrize("at", [0, 40, 63])
def test_a_wrong_signature(guest: Guest, at: int) -> None:
    good = guest.headers["X-Instance-ID-Signature"]
    wrong = good[:at] + ("0" if good[at] != "0" else "1") + good[at + 1 :]
    answer = guest.ask(META, also={"X-Instance-ID-Signature": wrong})
    assert answer.status == 403
    assert guest.ask(META, also={"X-Instance-ID-Signature": "\xe4" * 64}).status == 403


def test_the_signature_of_another_server(guest: Guest, cloud: Cloud) -> None:
    other = cloud.server(project=PROJECT)
    assert guest.ask(META, also={"X-Instance-ID": other}).status == 403


@pytest.mark.parametrize("name", ["X-Instance-ID", "X-Instance-ID-Signature", "X-Tenant-ID"])
def test_headers_that_are_missing_or_there_twice(guest: Guest, name: str) -> None:
    assert guest.ask(META, also={name: ""}).status == 400
    assert (
        guest.ask(META, also={name: f"{guest.headers[name]},{guest.headers[name]}"}).status == 400
    )


def test_others_find_nothing(app: Any, server: str, cloud: Cloud) -> None:
    assert Guest(app, server, "another").ask(META).status == 404
    assert Guest(app, "11111111-2222-4333-8444-555555555555").ask(META).status == 404
    assert Guest(app, "no-uuid").ask(META).status == 400
    gone = cloud.server(project=PROJECT)
    owner = cloud.client("owner-guests", PROJECT, "member")
    assert owner.delete(f"/v2.1/servers/{gone}").status == 204
    wait_for(lambda: owner.get(f"/v2.1/servers/{gone}").status == 404, 30, "the end of a server")
    assert Guest(app, gone).ask(META).status == 404


def test_the_signature_is_the_known_one() -> None:
    """What Neutron's agent sends, too: HMAC-SHA256 of the id, in lower-case hex."""
    sent = identity.headers(identity.Asker("abc", "p"), "10.0.0.5", "secret")
    expected = hmac.new(b"secret", b"abc", hashlib.sha256).hexdigest()
    assert sent["X-Instance-ID-Signature"] == expected


def test_without_a_secret_the_service_does_not_start() -> None:
    with pytest.raises(errors.ConfigurationError, match="metadata_proxy_shared_secret"):
        check(make_conf())
    conf = make_conf(
        neutron__metadata_proxy_shared_secret=SECRET, neutron__service_metadata_proxy=False
    )
    with pytest.raises(errors.ConfigurationError, match="service_metadata_proxy"):
        check(conf)


def test_the_largest_user_data(app: Any, cloud: Cloud) -> None:
    """In lines, as the program base64 writes it, and one character more."""
    content = bytes(range(256)) * 188 + b"the very end of it"
    encoded = base64.encodebytes(content).decode().strip()
    encoded += " " * (65_535 - len(encoded))
    assert len(content) > 48_000 and len(encoded) == 65_535
    server = cloud.server(project=PROJECT, user_data=encoded)
    assert Guest(app, server).ask("/openstack/latest/user_data").body == content
    assert Guest(app, server).ask("/latest/user-data").body == content

    owner = cloud.client("owner-guests", PROJECT, "member")
    wanted = {"name": "s", "imageRef": cloud.image(), "flavorRef": cloud.flavor()}
    wanted |= {"networks": "none", "user_data": encoded + " "}
    refused = owner.post("/v2.1/servers", {"server": wanted})
    assert refused.status == 400
    assert refused.json["badRequest"]["message"] == (
        "Invalid input for field/attribute user_data. Value: 65536 characters. "
        "It is too long: at most 65535 characters are allowed."
    )


@pytest.mark.parametrize(
    "name", ["\u5f20\U0001f600 \u00e4", "a\\\"<>&'\u00a0b", "%s%00{}", "/../x", "n" * 255]
)
def test_names_with_every_character(app: Any, cloud: Cloud, name: str) -> None:
    server = cloud.server(project=PROJECT, name=name, metadata={"k": name})
    guest = Guest(app, server)
    told = guest.ask(META).json
    assert (told["name"], told["meta"]) == (name, {"k": name})
    assert guest.ask("/latest/meta-data/hostname").body.isascii()


def test_devices_that_have_a_tag(cloud: Cloud) -> None:
    """They are told with the place where the host has put them, and found there when it moves."""
    image = cloud.image()
    disks = [
        {"boot_index": 0, "source_type": "image", "uuid": image, "tag": "root"},
        {"boot_index": -1, "source_type": "blank", "volume_size": 1, "tag": "scratch"},
    ]
    server = cloud.server(
        project=PROJECT,
        image=image,
        flavor=cloud.flavor(**{"OS-FLV-EXT-DATA:ephemeral": 1}),
        networks=[{"uuid": fake.NETWORK_ID}, {"uuid": fake.NETWORK_ID, "tag": "front"}],
        block_device_mapping_v2=[disk | {"destination_type": "local"} for disk in disks],
    )
    guest = with_options(cloud, server, metadata_cache_expiration=0)
    owner = cloud.client("owner-guests", PROJECT, "member")

    def devices() -> dict[str, Any]:
        return {each["tags"][0]: each for each in guest.ask(META).json["devices"]}

    first = devices()
    assert set(first) == {"front", "root", "scratch"}
    front = first["front"]
    assert (front["type"], front["bus"], front["address"]) == ("nic", "pci", "0000:00:04.0")
    assert (first["root"]["bus"], first["root"]["path"]) == ("pci", "/dev/vda")
    assert first["scratch"]["address"] == "0000:00:11.0"

    path = f"/v2.1/servers/{server}/os-interface"
    made = owner.post(path, {"interfaceAttachment": {"tag": "back"}})
    assert made.status == 200, made.body
    port = made.json["interfaceAttachment"]
    back = devices().pop("back")
    assert (back["mac"], back["address"]) == (port["mac_addr"], "0000:00:05.0")
    (plain,) = [
        each["port_id"]
        for each in owner.get(path).json["interfaceAttachments"]
        if each["mac_addr"] not in (front["mac"], back["mac"])
    ]
    for gone in (port["port_id"], plain):
        assert owner.delete(f"{path}/{gone}").status == 202
        wait_for(lambda p=gone: owner.get(f"{path}/{p}").status == 404, 20, "it to go")
    assert devices() == first

    assert owner.post(f"/v2.1/servers/{server}/action", {"reboot": {"type": "HARD"}}).status == 202
    cloud.wait_for_status(server, "ACTIVE")
    assert devices()["front"]["address"] == "0000:00:03.0"


@pytest.mark.parametrize(
    "path",
    [
        *("/openstack/../ec2", "/openstack/latest/../../etc/passwd", "/%00", "/\xff\xfe"),
        *(
            "/ec2//x",
            "/openstack/latest/meta_data.json%00",
            "/" + "a/" * 500,
            "/latest/meta-data/_name",
        ),
    ],
)
def test_paths_that_lead_nowhere(guest: Guest, path: str) -> None:
    assert guest.ask(path).status == 404


# --- what is kept --------------------------------------------------------------------------------


def test_one_question_for_one_boot(cloud: Cloud) -> None:
    """For 15 seconds the answer is what it was."""
    server = cloud.server(project=PROJECT, metadata={"n": "1"})
    owner = cloud.client("owner-guests", PROJECT, "member")
    made = clock.ManualClock()
    before = clock.set_clock(made)
    try:
        kept = Guest(application(cloud.conf, cloud.clients), server)
        assert kept.ask(META).json["meta"] == {"n": "1"}
        body = {"metadata": {"n": "2"}}
        assert owner.put(f"/v2.1/servers/{server}/metadata", body).status == 200
        assert kept.ask(META).json["meta"] == {"n": "1"}
        made.advance(14)
        assert kept.ask(META).json["meta"] == {"n": "1"}
        assert Guest(application(cloud.conf, cloud.clients), server, "p2").ask(META).status == 404
        made.advance(1)
        assert kept.ask(META).json["meta"] == {"n": "2"}
    finally:
        clock.set_clock(before)


class Counting:
    """The clients, with what the conductor is asked written down."""

    def __init__(self, clients: Any) -> None:
        self.conductor = self
        self.asked: list[str] = []
        self._conductor = clients.conductor

    def __getattr__(self, name: str) -> Any:
        self.asked.append(name)
        return getattr(self._conductor, name)


def test_a_boot_costs_one_call(cloud: Cloud, server: str) -> None:
    """Whatever a guest asks for: cloud-init tries one version after the other."""
    clients = Counting(cloud.clients)
    guest = Guest(application(cloud.conf, clients), server)
    trees = [f"/openstack/{version}" for version in (*openstack.VERSIONS, "latest")]
    files = [f"{tree}/{name}" for tree in trees for name in ("", "meta_data.json", "user_data")]
    for path in ("/", "/openstack", *files, VENDOR, VENDOR2, "/latest/meta-data/hostname"):
        assert guest.ask(path).status == 200, path
    assert clients.asked == ["get_guest_data"]


def test_nothing_is_kept_where_so_configured(cloud: Cloud) -> None:
    conf = cloud.conf
    server = cloud.server(project=PROJECT, metadata={"n": "1"})
    owner = cloud.client("owner-guests", PROJECT, "member")
    conf.set_override("metadata_cache_expiration", 0, "api")
    try:
        fresh = Guest(application(conf, cloud.clients), server)
    finally:
        conf.clear_override("metadata_cache_expiration", "api")
    assert fresh.ask(META).json["meta"] == {"n": "1"}
    assert owner.put(f"/v2.1/servers/{server}/metadata", {"metadata": {"n": "2"}}).status == 200
    assert fresh.ask(META).json["meta"] == {"n": "2"}


# --- the password --------------------------------------------------------------------------------

PASSWORD = "/openstack/2013-04-04/password"


def test_the_password_is_told_once(guest: Guest, cloud: Cloud, server: str) -> None:
    owner = cloud.client("owner-guests", PROJECT, "member")
    path = f"/v2.1/servers/{server}/os-server-password"
    assert guest.ask(PASSWORD).body == b""
    for wrong in (b"", b"x" * 1021, b"\xff"):
        assert guest.ask(PASSWORD, "POST", raw=wrong).status == 400
    told = guest.ask(PASSWORD, "POST", raw=b"ZW5jcnlwdGVk")
    assert (told.status, told.body) == (200, b"")
    assert guest.ask(PASSWORD, "POST", raw=b"YW5vdGhlcg==").status == 409
    assert guest.ask(PASSWORD).body == b"ZW5jcnlwdGVk"
    assert owner.get(path).json == {"password": "ZW5jcnlwdGVk"}
    assert owner.delete(path).status == 204
    assert guest.ask(PASSWORD, "POST", raw=b"YW5vdGhlcg==").status == 200
    assert guest.ask("/openstack/2012-08-10/password", "POST", raw=b"eA==").status == 405


# --- what the operator adds ----------------------------------------------------------------------


class Answering(http.server.BaseHTTPRequestHandler):
    asked: list[tuple[str, dict[str, Any]]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append((self.headers["User-Agent"], body))
        content = json.dumps({"path": self.path}).encode()
        self.send_response(200 if self.path == "/good" else 500)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: Any) -> None:
        """Not into the output of the tests."""


@pytest.fixture
def service() -> Iterator[str]:
    Answering.asked = []
    made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{made.server_port}"
    made.shutdown()
    thread.join()
    made.server_close()


def with_options(cloud: Cloud, server: str, **options: Any) -> Guest:
    try:
        for name, value in options.items():
            cloud.conf.set_override(name, value, "api")
        return Guest(application(cloud.conf, cloud.clients), server)
    finally:
        for name in options:
            cloud.conf.clear_override(name, "api")


VENDOR, VENDOR2 = "/openstack/latest/vendor_data.json", "/openstack/latest/vendor_data2.json"


def test_vendor_data_of_nobody(guest: Guest) -> None:
    assert guest.ask(VENDOR).json == {}
    assert guest.ask(VENDOR2).json == {"static": {}}


def test_vendor_data_of_a_file(cloud: Cloud, server: str, tmp_path: Path) -> None:
    file = tmp_path / "vendor.json"
    file.write_text('{"cloud-init": "#cloud-config"}')
    told = with_options(cloud, server, vendordata_jsonfile_path=str(file))
    assert told.ask(VENDOR).json == {"cloud-init": "#cloud-config"}
    assert told.ask(VENDOR2).json == {"static": {"cloud-init": "#cloud-config"}}
    file.write_text("{")
    assert told.ask(VENDOR).json == {}
    without = with_options(cloud, server, vendordata_providers=["DynamicJSON"])
    assert without.ask(VENDOR).status == 404
    assert without.ask(VENDOR2).json == {}


def test_vendor_data_of_services(cloud: Cloud, server: str, service: str) -> None:
    options = {
        "vendordata_providers": ["StaticJSON", "DynamicJSON"],
        "vendordata_dynamic_targets": [f"one@{service}/good", f"two@{service}/bad"],
    }
    told = with_options(cloud, server, **options)
    assert told.ask(META).status == 200
    assert Answering.asked == []
    assert told.ask(VENDOR2).json == {"static": {}, "one": {"path": "/good"}, "two": {}}
    assert told.ask(VENDOR2).status == 200
    assert len(Answering.asked) == 2
    agent, body = Answering.asked[0]
    assert agent == "openstack-nova-vendordata"
    assert body.keys() == {
        *("project-id", "instance-id", "image-id", "user-data", "hostname", "metadata"),
        "boot-roles",
    }
    assert (body["instance-id"], body["project-id"]) == (server, PROJECT)

    strict = with_options(cloud, server, **options, vendordata_dynamic_failure_fatal=True)
    assert strict.ask(VENDOR2).status == 503
    assert strict.ask(META).status == 200


def test_a_service_that_never_answers(cloud: Cloud, server: str) -> None:
    """It is waited for as long as it may take, and then says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as stuck:
        place = f"http://127.0.0.1:{stuck.getsockname()[1]}"
        told = with_options(
            cloud,
            server,
            vendordata_providers=["StaticJSON", "DynamicJSON"],
            vendordata_dynamic_targets=[f"one@{place}/good"],
            vendordata_dynamic_read_timeout=1,
        )
        began = clock.monotonic()
        assert told.ask(VENDOR2).json == {"static": {}, "one": {}}
        assert 1 <= clock.monotonic() - began < 4


@pytest.mark.parametrize("line", ["http://x", "a@ftp://x", "@http://x", "a@"])
def test_targets_that_cannot_be(cloud: Cloud, server: str, line: str) -> None:
    with pytest.raises(errors.ConfigurationError, match="vendordata_dynamic_targets"):
        with_options(cloud, server, vendordata_dynamic_targets=[line])
