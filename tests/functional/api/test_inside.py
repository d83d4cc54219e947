# SPDX-License-Identifier: Apache-2.0
"""What is done inside of servers: passwords, crash dumps, diagnostics."""

import itertools
import logging
from typing import Any

import pytest

from tests.fixtures.cloud import Cloud
from tests.fixtures.wait import wait_for
from tests.fixtures.wsgi_client import Response

_projects = itertools.count(1)


class Server:
    def __init__(self, cloud: Cloud, project: str) -> None:
        self.cloud = cloud
        self.member = cloud.client("alice", project, "member")
        self.id = cloud.server(project=project)
        self.path = f"/v2.1/servers/{self.id}"

    def act(self, body: dict[str, Any], version: str = "2.104") -> Response:
        return self.member.at(version).post(f"{self.path}/action", body)

    def finished(self, verb: str) -> dict[str, Any]:
        """The newest action of that name, when its events are written."""

        def look() -> dict[str, Any] | None:
            path = f"{self.path}/os-instance-actions"
            found = self.member.get(path).json["instanceActions"]
            ours = [one for one in found if one["action"] == verb]
            shown = self.member.get(f"{path}/{ours[0]['request_id']}").json["instanceAction"]
            return dict(shown) if shown["events"] else None

        done = wait_for(look, 20, f"{verb} to end")
        self.cloud.wait_for_status(self.id, "ACTIVE")
        return done


@pytest.fixture
def server(cloud: Cloud) -> Server:
    return Server(cloud, f"inside{next(_projects)}")


def test_a_new_password(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    answer = server.act({"changePassword": {"adminPass": "s3cret-word"}})
    assert (answer.status, answer.body) == (202, b"")
    assert [e["result"] for e in server.finished("changePassword")["events"]] == ["Success"]
    assert "s3cret-word" not in caplog.text


@pytest.mark.parametrize("body", [{}, {"adminPass": 7}, {"adminPass": "x", "user": "y"}, None])
def test_a_password_that_cannot_be(server: Server, body: Any) -> None:
    assert server.act({"changePassword": body}).status == 400


def test_a_server_that_is_off_takes_no_password(server: Server) -> None:
    server.act({"os-stop": None})
    server.cloud.wait_for_status(server.id, "SHUTOFF")
    answer = server.act({"changePassword": {"adminPass": "x"}})
    assert answer.status == 409 and "changePassword" in answer.fault[1]


def test_a_crash_dump(server: Server) -> None:
    assert server.act({"trigger_crash_dump": None}).status == 202
    server.finished("trigger_crash_dump")
    assert server.act({"trigger_crash_dump": None}, "2.16").status == 404


def test_diagnostics(server: Server) -> None:
    answer = server.cloud.admin.get(f"{server.path}/diagnostics")
    assert answer.status == 200
    found = answer.json
    assert found["state"] == "running" and found["num_cpus"] == len(found["cpu_details"]) > 0
    assert set(found["disk_details"][0]) == {
        *("read_bytes", "read_requests", "write_bytes", "write_requests", "errors_count")
    }
    old = server.cloud.admin.at("2.47").get(f"{server.path}/diagnostics").json
    assert old["cpu0_time"] == 0 and "vda_read" in old and "state" not in old
    assert server.member.get(f"{server.path}/diagnostics").status == 403
