# SPDX-License-Identifier: Apache-2.0
"""Rescuing servers, over REST, with the fake driver."""

import itertools
import logging
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from nova_lite.backends.image.fake import FAKE_IMAGE_ID
from tests.fixtures.cloud import Cloud
from tests.fixtures.wait import wait_for
from tests.fixtures.wsgi_client import Response

_projects = itertools.count(1)


class Server:
    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        project = f"rescue{next(_projects)}"
        self.member = cloud.client("alice", project, "member")
        self.id = cloud.server(project=project)
        self.path = f"/v2.1/servers/{self.id}"

    def act(self, action: str, body: Any = None) -> Response:
        return self.member.post(f"{self.path}/action", {action: body})

    def shown(self) -> dict[str, Any]:
        return dict(self.member.get(self.path).json["server"])

    def becomes(self, status: str) -> None:
        self.cloud.wait_for_status(self.id, status)

    def gone(self) -> None:
        self.member.request("DELETE", self.path)
        wait_for(lambda: self.member.get(self.path).status == 404, 20, "the server to be gone")


@pytest.fixture
def server(cloud: Cloud) -> Server:
    return Server(cloud)


def test_rescued_and_back(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    answer = server.act("rescue", {"adminPass": "s3cret-word"})
    assert (answer.status, answer.json) == (200, {"adminPass": "s3cret-word"})
    server.becomes("RESCUE")
    assert server.shown()["OS-EXT-STS:power_state"] == 1
    assert "s3cret-word" not in caplog.text
    for refused in ({"rescue": None}, {"os-stop": None}, {"reboot": {"type": "HARD"}}):
        assert server.member.post(f"{server.path}/action", refused).status == 409
    answer = server.act("unrescue")
    assert (answer.status, answer.body) == (202, b"")
    server.becomes("ACTIVE")
    assert server.act("unrescue").status == 409


def test_a_password_is_made_where_none_is_given(server: Server) -> None:
    word = server.act("rescue").json["adminPass"]
    assert len(word) == server.cloud.conf.password_length


def test_a_stopped_server_is_rescued_and_runs_afterwards(server: Server) -> None:
    server.act("os-stop")
    server.becomes("SHUTOFF")
    assert server.act("rescue", {"rescue_image_ref": FAKE_IMAGE_ID}).status == 200
    server.becomes("RESCUE")
    server.act("unrescue")
    server.becomes("ACTIVE")


@pytest.mark.parametrize(
    "body", [{"rescue_image_ref": "name"}, {"image": FAKE_IMAGE_ID}, {"adminPass": 7}, "now", []]
)
def test_what_is_no_request(server: Server, body: Any) -> None:
    assert server.act("rescue", body).status == 400


def test_an_image_that_is_not_there(server: Server) -> None:
    answer = server.act("rescue", {"rescue_image_ref": str(uuid4())})
    assert answer.status == 400 and "image" in answer.fault[1]
    assert server.shown()["status"] == "ACTIVE"


def test_a_rescued_server_is_deleted(server: Server) -> None:
    server.act("rescue")
    server.becomes("RESCUE")
    server.gone()


class TestOptions:
    @pytest.fixture
    def cloud(self) -> Iterator[Cloud]:
        made = Cloud(api__enable_instance_password=False, rescue_timeout=1)
        yield made
        made.stop()

    def test_no_password_in_the_answer_and_an_end_by_itself(self, server: Server) -> None:
        answer = server.act("rescue")
        assert (answer.status, answer.json) == (200, {})
        path = f"{server.path}/os-instance-actions"

        def verbs() -> list[str]:
            return [one["action"] for one in server.member.get(path).json["instanceActions"]]

        wait_for(lambda: "unrescue" in verbs(), 30, "the rescue to be ended")
        server.becomes("ACTIVE")
