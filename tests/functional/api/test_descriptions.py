# SPDX-License-Identifier: Apache-2.0
"""What users write about their servers: metadata and tags."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.fixtures.cloud import Cloud

_projects = itertools.count(1)


class Server:
    def __init__(self, cloud: Cloud, project: str, **fields: Any) -> None:
        self.member = cloud.client("alice", project, "member")
        self.id = cloud.server(project=project, **fields)
        self.path = f"/v2.1/servers/{self.id}"
        self.metadata_path, self.tags_path = f"{self.path}/metadata", f"{self.path}/tags"

    def shown(self) -> dict[str, Any]:
        return dict(self.member.get(self.path).json["server"])


@pytest.fixture
def server(cloud: Cloud) -> Server:
    return Server(cloud, f"descriptions{next(_projects)}")


# --- metadata ---------------------------------------------------------------------------------


def test_metadata(server: Server) -> None:
    member, path = server.member, server.metadata_path
    assert member.get(path).json == {"metadata": {}}
    assert member.post(path, {"metadata": {"a": "1", "b": "2"}}).json == {
        "metadata": {"a": "1", "b": "2"}
    }
    assert member.post(path, {"metadata": {"b": "3"}}).json["metadata"] == {"a": "1", "b": "3"}
    assert member.get(f"{path}/b").json == {"meta": {"b": "3"}}
    assert member.put(f"{path}/c", {"meta": {"c": "4"}}).json == {"meta": {"c": "4"}}
    assert server.shown()["metadata"] == {"a": "1", "b": "3", "c": "4"}
    gone = member.delete(f"{path}/a")
    assert (gone.status, gone.body) == (204, b"")
    assert member.delete(f"{path}/a").status == 404
    assert member.get(f"{path}/a").status == 404
    assert member.put(path, {"metadata": {"z": "9"}}).json == {"metadata": {"z": "9"}}
    assert server.shown()["metadata"] == {"z": "9"}


@pytest.mark.parametrize(
    ("method", "tail", "body"),
    [
        ("POST", "", {"metadata": {"a": 1}}),
        ("POST", "", {"metadata": {"a/b": "1"}}),
        ("POST", "", {"metadata": {"a": "x" * 256}}),
        ("POST", "", {}),
        ("PUT", "/a", {"meta": {"b": "1"}}),
        ("PUT", "/a", {"meta": {"a": "1", "b": "2"}}),
        ("PUT", "/a", {"meta": {}}),
        ("PUT", "/a", {"metadata": {"a": "1"}}),
    ],
    ids=str,
)
def test_metadata_that_cannot_be(server: Server, method: str, tail: str, body: Any) -> None:
    answer = server.member.request(method, server.metadata_path + tail, body)
    assert answer.status == 400 and answer.fault
    assert server.shown()["metadata"] == {}


def test_metadata_has_a_quota(server: Server) -> None:
    many = {f"k{number}": "v" for number in range(128)}
    assert server.member.put(server.metadata_path, {"metadata": many}).status == 200
    answer = server.member.post(server.metadata_path, {"metadata": {"more": "v"}})
    assert answer.status == 403 and "128" in answer.fault[1]
    assert server.member.post(server.metadata_path, {"metadata": {"k1": "w"}}).status == 200


def test_changes_at_the_same_time_all_count(server: Server) -> None:
    def add(number: int) -> int:
        body = {"metadata": {f"k{number}": "v"}}
        return int(server.member.post(server.metadata_path, body).status)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(add, range(24))) == {200}
    assert len(server.shown()["metadata"]) == 24


def test_a_locked_server_keeps_its_metadata(server: Server) -> None:
    server.member.post(f"{server.path}/action", {"lock": None})
    answer = server.member.post(server.metadata_path, {"metadata": {"a": "b"}})
    assert answer.status == 409 and "locked" in answer.fault[1]


# --- tags -------------------------------------------------------------------------------------


def test_tags(server: Server) -> None:
    member, path = server.member, server.tags_path
    assert member.get(path).json == {"tags": []}
    made = member.put(f"{path}/red")
    assert (made.status, made.body) == (201, b"")
    assert str(made.header("Location")).endswith(f"/servers/{server.id}/tags/red")
    assert member.put(f"{path}/red").status == 204
    assert member.get(f"{path}/red").status == 204
    assert member.get(f"{path}/blue").status == 404
    assert member.put(path, {"tags": ["b", "a", "b"]}).json == {"tags": ["a", "b"]}
    assert server.shown()["tags"] == ["a", "b"]
    found = member.get("/v2.1/servers?tags=a,b").json["servers"]
    assert [one["id"] for one in found] == [server.id]
    assert member.delete(f"{path}/a").status == 204
    assert member.delete(f"{path}/a").status == 404
    assert member.delete(path).status == 204
    assert server.shown()["tags"] == []


def test_tags_that_cannot_be(server: Server) -> None:
    member, path = server.member, server.tags_path
    for tags in (["a,b"], [""], ["x" * 61], [1], [str(n) for n in range(51)], "a"):
        assert member.put(path, {"tags": tags}).status == 400, tags
    assert member.put(f"{path}/{'x' * 61}").status == 400
    assert member.put(f"{path}/a,b").status == 400
    assert member.put(path, {"tags": [str(n) for n in range(50)]}).status == 200
    answer = member.put(f"{path}/more")
    assert answer.status == 400 and "50" in answer.fault[1]


def test_tags_came_with_2_26(server: Server) -> None:
    assert server.member.at("2.25").get(server.tags_path).status == 404
    assert server.member.at("2.26").get(server.tags_path).status == 200


def test_other_projects_see_nothing(cloud: Cloud, server: Server) -> None:
    stranger = cloud.client("mallory", "elsewhere", "member")
    assert stranger.get(server.metadata_path).status == 404
    assert stranger.put(f"{server.tags_path}/mine").status == 404
