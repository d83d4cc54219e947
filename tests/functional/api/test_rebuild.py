# SPDX-License-Identifier: Apache-2.0
"""Rebuilding servers, over REST, with the fake driver."""

import base64
import itertools
import logging
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from nova_lite.backends.image.fake import FAKE_IMAGE_ID
from nova_lite.domain.image import Image
from tests.fixtures.cloud import Cloud
from tests.fixtures.wait import wait_for
from tests.fixtures.wsgi_client import Response

_projects = itertools.count(1)
PUBLIC = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f x"
SCRIPT = base64.b64encode(b"#!/bin/sh\n").decode()


class Server:
    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.project = f"rebuild{next(_projects)}"
        self.member = cloud.client("alice", self.project, "member")
        self.id = cloud.server(project=self.project, user="alice")
        self.path = f"/v2.1/servers/{self.id}"

    def rebuild(self, version: str = "2.104", **body: Any) -> Response:
        given = {"rebuild": {"imageRef": FAKE_IMAGE_ID, **body}}
        return self.member.at(version).post(f"{self.path}/action", given)

    def shown(self) -> dict[str, Any]:
        return dict(self.member.get(self.path).json["server"])

    def becomes(self, status: str) -> dict[str, Any]:
        self.cloud.wait_for_status(self.id, status)
        return self.shown()

    def image(self, **fields: Any) -> str:
        """The id of a new one."""
        made = Image(
            id=str(uuid4()),
            name="new",
            visibility="public",
            disk_format="raw",
            container_format="bare",
            **fields,
        )
        self.cloud.images.put(made, b"data of an image")
        return made.id


@pytest.fixture
def server(cloud: Cloud) -> Server:
    return Server(cloud)


def test_of_the_same_image(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    before = server.shown()
    answer = server.rebuild(adminPass="s3cret-word", name="anew", metadata={"a": "b"})
    assert answer.status == 202
    assert (answer.header("Location") or "").endswith(f"/servers/{server.id}")
    shown = answer.json["server"]
    assert (shown["status"], shown["OS-EXT-STS:task_state"]) == ("REBUILD", "rebuilding")
    assert shown["adminPass"] == "s3cret-word" and "s3cret-word" not in caplog.text
    after = server.becomes("ACTIVE")
    assert (after["name"], after["metadata"]) == ("anew", {"a": "b"})
    for same in ("id", "addresses", "image", "key_name", "OS-EXT-SRV-ATTR:hostname", "created"):
        assert after[same] == before[same], same
    assert after["OS-SRV-USG:launched_at"] >= before["OS-SRV-USG:launched_at"]
    assert (after["progress"], after["OS-EXT-STS:power_state"]) == (100, 1)


def test_of_another_image(server: Server) -> None:
    image = server.image(properties={"os_type": "linux", "hw_disk_bus": "scsi"})
    answer = server.rebuild(imageRef=image, preserve_ephemeral=True)
    assert answer.json["server"]["image"]["id"] == image
    after = server.becomes("ACTIVE")
    assert after["image"]["id"] == image
    assert after["image"]["properties"]["os_type"] == "linux"


def test_everything_that_can_be_changed(server: Server) -> None:
    keys = {"keypair": {"name": "other", "type": "ssh", "public_key": PUBLIC}}
    assert server.member.post("/v2.1/os-keypairs", keys).status in (200, 201)
    wishes = {
        "description": "made anew",
        "hostname": "anew.example",
        "key_name": "other",
        "user_data": SCRIPT,
        "accessIPv4": "192.0.2.1",
        "accessIPv6": "2001:db8::1",
        "OS-DCF:diskConfig": "AUTO",
    }
    shown = server.rebuild(**wishes).json["server"]
    assert {name: shown[name] for name in wishes if name != "hostname"} == {
        name: value for name, value in wishes.items() if name != "hostname"
    }
    after = server.becomes("ACTIVE")
    assert after["OS-EXT-SRV-ATTR:hostname"] == "anew.example"
    taken = server.rebuild(key_name=None, user_data=None, description=None).json["server"]
    assert (taken["key_name"], taken["user_data"], taken["description"]) == (None, None, None)
    server.becomes("ACTIVE")


def test_the_answer_is_as_full_as_that_of_a_look(cloud: Cloud) -> None:
    """What is no column of the server is there, too: its group, and the state of its host."""
    admin = cloud.admin
    group = {"server_group": {"name": "g", "policy": "affinity"}}
    group_id = admin.post("/v2.1/os-server-groups", group).json["server_group"]["id"]
    body = {"name": "x", "flavorRef": cloud.flavor(), "imageRef": FAKE_IMAGE_ID, "networks": "none"}
    hints = {"group": group_id}
    answer = admin.post("/v2.1/servers", {"server": body, "os:scheduler_hints": hints})
    made = answer.json["server"]["id"]
    cloud.wait_for_status(made, "ACTIVE")
    before = admin.get(f"/v2.1/servers/{made}").json["server"]
    wish = {"rebuild": {"imageRef": FAKE_IMAGE_ID}}
    shown = admin.post(f"/v2.1/servers/{made}/action", wish).json["server"]
    assert shown["server_groups"] == [group_id] == before["server_groups"]
    assert shown["host_status"] == before["host_status"] == "UP"
    assert set(before) - set(shown) == {"OS-EXT-SRV-ATTR:user_data"}
    assert set(shown) - set(before) == {"adminPass", "user_data"}
    assert shown["updated"] >= before["updated"]
    cloud.wait_for_status(made, "ACTIVE")


def test_a_stopped_server_stays_stopped(server: Server) -> None:
    server.member.post(f"{server.path}/action", {"os-stop": None})
    server.becomes("SHUTOFF")
    assert server.rebuild().status == 202
    after = server.becomes("SHUTOFF")
    assert after["OS-EXT-STS:power_state"] == 4


@pytest.mark.parametrize(
    ("version", "wish"),
    [
        ("2.18", {"description": "x"}),
        ("2.53", {"key_name": None}),
        ("2.56", {"user_data": SCRIPT}),
        ("2.62", {"trusted_image_certificates": None}),
        ("2.89", {"hostname": "x"}),
        ("2.57", {"personality": []}),
        ("2.93", {"hostname": "with.a.domain"}),
        ("2.104", {"flavorRef": "1"}),
        ("2.104", {"imageRef": "name"}),
        ("2.104", {"metadata": {"a": 1}}),
        ("2.104", {"accessIPv4": "x"}),
        ("2.104", {"user_data": "!"}),
        ("2.104", {"preserve_ephemeral": "maybe"}),
        ("2.104", {"name": ""}),
        ("2.104", {"key_name": "none-such"}),
        ("2.104", {"imageRef": str(uuid4())}),
    ],
)
def test_what_is_no_request(server: Server, version: str, wish: dict[str, Any]) -> None:
    assert server.rebuild(version, **wish).status == 400
    assert server.shown()["status"] == "ACTIVE"


def test_files_are_counted_as_long_as_they_are_taken(server: Server) -> None:
    file = {"path": "/etc/motd", "contents": base64.b64encode(b"hello").decode()}
    assert server.rebuild("2.56", personality=[file] * 6).status == 403
    assert server.rebuild("2.56", personality=[file]).status == 202
    server.becomes("ACTIVE")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"min_ram": 100_000}, "memory is too small"),
        ({"min_disk": 100}, "disk is smaller"),
    ],
)
def test_an_image_that_does_not_fit(server: Server, fields: dict[str, Any], words: str) -> None:
    answer = server.rebuild(imageRef=server.image(**fields))
    assert answer.status == 400 and words in answer.fault[1]
    assert server.shown()["image"]["id"] == FAKE_IMAGE_ID


def test_too_much_metadata(server: Server) -> None:
    answer = server.rebuild(metadata={f"k{n}": "x" for n in range(129)})
    assert answer.status == 403


def test_a_host_that_cannot_run_the_image(server: Server) -> None:
    """The guest is as before, and the server says that it is of the former image."""
    image = server.image(properties={"hw_architecture": "sparc"})
    assert server.rebuild(imageRef=image).status == 202
    after = server.becomes("ERROR")
    assert "No valid host" in after["fault"]["message"]
    assert after["image"]["id"] == FAKE_IMAGE_ID
    assert after["OS-EXT-STS:power_state"] == 1
    explained = server.member.get(f"{server.path}/explain").json
    assert "another kind of machine" in str(explained)
    # of an image that it can run, it is well again
    assert server.rebuild().status == 202
    assert server.becomes("ACTIVE").get("fault") is None


def test_refused_where_the_state_does_not_allow_it(server: Server) -> None:
    server.member.post(f"{server.path}/action", {"pause": None})
    server.becomes("PAUSED")
    assert server.rebuild().status == 409


def test_the_steps_are_told(server: Server) -> None:
    server.rebuild()
    server.becomes("ACTIVE")
    path = f"{server.path}/os-instance-actions"

    def events() -> list[str] | None:
        newest = server.member.get(path).json["instanceActions"][0]
        if newest["action"] != "rebuild":
            return None
        shown = server.member.get(f"{path}/{newest['request_id']}").json["instanceAction"]
        return [event["event"] for event in shown["events"]] or None

    assert wait_for(events, 20, "the events") == ["compute_rebuild_instance"]


class TestWithoutPasswords:
    @pytest.fixture
    def cloud(self) -> Iterator[Cloud]:
        made = Cloud(api__enable_instance_password=False)
        yield made
        made.stop()

    def test_none_is_shown(self, server: Server) -> None:
        assert "adminPass" not in server.rebuild().json["server"]
        server.becomes("ACTIVE")
