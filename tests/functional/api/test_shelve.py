# SPDX-License-Identifier: Apache-2.0
"""Shelving servers, over REST, with the fake driver."""

import itertools
from typing import Any

import pytest

from tests.fixtures.cloud import Cloud
from tests.fixtures.wsgi_client import Response

_projects = itertools.count(1)


class Server:
    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.project = f"shelf{next(_projects)}"
        self.member = cloud.client("alice", self.project, "member")
        self.admin = cloud.client("root", self.project, "admin")
        self.id = cloud.server(project=self.project)
        self.path = f"/v2.1/servers/{self.id}"

    def act(
        self, action: str, body: Any = None, version: str = "2.104", admin: bool = False
    ) -> Response:
        caller = self.admin if admin else self.member
        return caller.at(version).post(f"{self.path}/action", {action: body})

    def becomes(self, status: str) -> dict[str, Any]:
        return self.cloud.wait_for_status(self.id, status)

    def shelve(self) -> None:
        assert self.act("shelve").status == 202
        self.becomes("SHELVED_OFFLOADED")


@pytest.fixture
def server(cloud: Cloud) -> Server:
    return Server(cloud)


def test_to_the_shelf_and_back(server: Server) -> None:
    answer = server.act("shelve")
    assert (answer.status, answer.body) == (202, b"")
    shown = server.becomes("SHELVED_OFFLOADED")
    assert (shown["OS-EXT-STS:vm_state"], shown["OS-EXT-STS:power_state"]) == (
        "shelved_offloaded",
        4,
    )
    assert shown["OS-EXT-SRV-ATTR:host"] is None and shown["hostId"] == ""
    for refused in ("shelve", "os-start", "pause"):
        assert server.act(refused).status == 409
    answer = server.act("unshelve")
    assert (answer.status, answer.body) == (202, b"")
    shown = server.becomes("ACTIVE")
    assert shown["OS-EXT-SRV-ATTR:host"]
    images = server.cloud.images.list(server.cloud.context(server.project))
    assert not [i for i in images if i.properties.get("instance_uuid") == server.id]


def test_who_may_take_it_off_its_host(server: Server) -> None:
    server.cloud.conf.set_override("shelved_offload_time", -1)
    try:
        server.act("shelve")
        assert server.becomes("SHELVED")["OS-EXT-SRV-ATTR:host"]
    finally:
        server.cloud.conf.set_override("shelved_offload_time", 0)
    answer = server.act("shelveOffload")
    assert answer.status == 403 and "os-shelve:shelve_offload" in answer.fault[1]
    assert server.act("shelveOffload", admin=True).status == 202
    server.becomes("SHELVED_OFFLOADED")
    assert server.act("shelveOffload", admin=True).status == 409


def test_to_a_zone(server: Server) -> None:
    answer = server.act("unshelve", {"availability_zone": "nova"})
    assert answer.status == 409, "it is not shelved"
    server.shelve()
    answer = server.act("unshelve", {"availability_zone": "mars"})
    assert answer.status == 400
    assert answer.fault[1] == "The requested availability zone is not available"
    assert server.act("unshelve", {"availability_zone": "nova"}, version="2.77").status == 202
    shown = server.becomes("ACTIVE")
    assert shown["pinned_availability_zone"] == "nova"
    server.shelve()
    assert server.act("unshelve", {"availability_zone": None}).status == 202
    assert server.becomes("ACTIVE")["pinned_availability_zone"] is None


def test_to_a_host(server: Server) -> None:
    host = server.becomes("ACTIVE")["OS-EXT-SRV-ATTR:host"]
    server.shelve()
    answer = server.act("unshelve", {"host": host})
    assert answer.status == 403 and "os-shelve:unshelve_to_host" in answer.fault[1]
    assert server.act("unshelve", {"host": "mars"}, admin=True).status == 400
    assert server.act("unshelve", {"host": host}, admin=True).status == 202
    assert server.becomes("ACTIVE")["OS-EXT-SRV-ATTR:host"] == host


def test_older_clients_choose_nothing(server: Server) -> None:
    server.shelve()
    assert server.act("unshelve", {"availability_zone": "mars"}, version="2.76").status == 202
    server.becomes("ACTIVE")


@pytest.mark.parametrize(
    ("version", "body"),
    [
        ("2.77", {"host": "h"}),
        ("2.90", {"availability_zone": None}),
        ("2.90", {}),
        ("2.91", {}),
        ("2.91", {"availability_zone": 7}),
        ("2.91", {"zone": "nova"}),
        ("2.77", "nova"),
    ],
)
def test_what_is_no_request(server: Server, version: str, body: Any) -> None:
    assert server.act("unshelve", body, version=version).status == 400
