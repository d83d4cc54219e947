# SPDX-License-Identifier: Apache-2.0
"""Images and backups of servers, over REST, with the fake driver."""

import itertools
from typing import Any
from uuid import uuid4

import pytest

from tests.fixtures.cloud import Cloud
from tests.fixtures.wait import wait_for
from tests.fixtures.wsgi_client import Response

_projects = itertools.count(1)


class Server:
    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.project = f"images{next(_projects)}"
        self.member = cloud.client("alice", self.project, "member")
        self.id = cloud.server(project=self.project)
        self.path = f"/v2.1/servers/{self.id}"

    def act(self, action: str, body: Any = None, version: str = "2.104") -> Response:
        return self.member.at(version).post(f"{self.path}/action", {action: body})

    def idle(self) -> None:
        self.cloud.wait_for_status(self.id, "ACTIVE")

    def images(self) -> list[Any]:
        """The images that were made of it."""
        context = self.cloud.context(self.project)
        return list(self.cloud.images.list(context, properties={"instance_uuid": self.id}))


@pytest.fixture
def server(cloud: Cloud) -> Server:
    return Server(cloud)


def test_an_image_of_a_server(server: Server) -> None:
    answer = server.act("createImage", {"name": "mine", "metadata": {"a": "b"}})
    assert answer.status == 202
    assert list(answer.json) == ["image_id"]
    (image,) = server.images()
    assert (image.id, image.name, image.properties["a"]) == (answer.json["image_id"], "mine", "b")
    server.idle()
    (image,) = server.images()
    assert image.status == "active" and image.size


def test_a_server_made_of_the_image(server: Server) -> None:
    image_id = server.act("createImage", {"name": "mine"}).json["image_id"]
    server.idle()
    again = server.cloud.server(project=server.project, image=image_id)
    server.cloud.wait_for_status(again, "ACTIVE")


def test_the_id_is_in_the_location_for_older_clients(server: Server) -> None:
    answer = server.act("createImage", {"name": "mine"}, version="2.44")
    assert (answer.status, answer.body) == (202, b"")
    (image,) = server.images()
    assert (answer.header("Location") or "").endswith(f"/images/{image.id}")
    server.idle()
    answer = server.act(
        "createBackup", {"name": "b", "backup_type": "d", "rotation": 0}, version="2.44"
    )
    assert answer.status == 202 and answer.header("Location") is None


def test_backups_and_their_rotation(server: Server) -> None:
    wish = {"name": "b", "backup_type": "daily", "rotation": "1"}
    made = []
    for _ in range(2):
        answer = server.act("createBackup", wish)
        assert answer.status == 202
        made.append(answer.json["image_id"])
        server.idle()
    assert [image.id for image in server.images()] == made[1:]
    answer = server.act("createBackup", {**wish, "rotation": 0})
    assert (answer.status, answer.body) == (202, b"")
    server.idle()
    assert server.images() == []


@pytest.mark.parametrize(
    "body",
    [
        None,
        {},
        {"name": ""},
        {"name": "x" * 256},
        {"name": "x", "metadata": {"a": 1}},
        {"name": "x", "metadata": {"a": "b" * 256}},
        {"name": "x", "rotation": 1},
    ],
)
def test_what_is_no_request_for_an_image(server: Server, body: Any) -> None:
    assert server.act("createImage", body).status == 400


@pytest.mark.parametrize("rotation", [-1, "x", None, 1.5])
def test_what_is_no_rotation(server: Server, rotation: Any) -> None:
    body = {"name": "b", "backup_type": "daily", "rotation": rotation}
    assert server.act("createBackup", body).status == 400


def test_metadata_counts_for_older_clients(server: Server) -> None:
    metadata = {f"k{number}": "v" for number in range(129)}
    body = {"name": "mine", "metadata": metadata}
    answer = server.act("createImage", body, version="2.38")
    assert answer.status == 403
    assert answer.fault == ("forbidden", "Image metadata limit exceeded")
    assert server.act("createImage", body, version="2.39").status == 202


def test_states_in_which_there_is_no_image(server: Server) -> None:
    assert server.act("rescue").status == 200
    server.cloud.wait_for_status(server.id, "RESCUE")
    answer = server.act("createImage", {"name": "mine"})
    assert answer.status == 409
    assert answer.fault[1] == (
        f"Cannot 'createImage' instance {server.id} while it is in vm_state rescued"
    )


@pytest.mark.parametrize(
    ("action", "state"), [("os-stop", "SHUTOFF"), ("pause", "PAUSED"), ("suspend", "SUSPENDED")]
)
def test_states_in_which_there_is_one(server: Server, action: str, state: str) -> None:
    server.act(action)
    server.cloud.wait_for_status(server.id, state)
    assert server.act("createImage", {"name": "mine"}).status == 202
    wait_for(lambda: [i.status for i in server.images()] == ["active"], 20, "the image")
    server.cloud.wait_for_status(server.id, state)


def test_locked_servers_and_absent_ones(server: Server) -> None:
    server.act("lock")
    admin = server.cloud.client("root", server.project, "admin")
    body = {"createImage": {"name": "mine"}}
    assert admin.post(f"{server.path}/action", body).status == 202
    server.path = f"/v2.1/servers/{uuid4()}"
    assert server.act("createImage", {"name": "mine"}).status == 404
