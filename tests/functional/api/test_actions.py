# SPDX-License-Identifier: Apache-2.0
"""The actions of a server, and what is remembered of them."""

import itertools
from typing import Any

import pytest

from tests.fixtures.cloud import Cloud
from tests.fixtures.wait import wait_for
from tests.fixtures.wsgi_client import Response, WsgiClient

_projects = itertools.count(1)


class Server:
    """A server, and the member that it belongs to."""

    def __init__(self, cloud: Cloud, project: str) -> None:
        self.cloud = cloud
        self.member = cloud.client("alice", project, "member")
        self.admin = cloud.admin
        self.id = cloud.server(project=project)

    def act(self, body: dict[str, Any], who: WsgiClient | None = None) -> Response:
        return (who or self.member).post(f"/v2.1/servers/{self.id}/action", body)

    def shown(self) -> dict[str, Any]:
        return dict(self.admin.get(f"/v2.1/servers/{self.id}").json["server"])

    def until(self, status: str) -> dict[str, Any]:
        return self.cloud.wait_for_status(self.id, status)


@pytest.fixture
def server(cloud: Cloud) -> Server:
    return Server(cloud, f"actions{next(_projects)}")


@pytest.mark.parametrize(
    ("there", "status", "back"),
    [
        ({"os-stop": None}, "SHUTOFF", {"os-start": None}),
        ({"pause": None}, "PAUSED", {"unpause": None}),
        ({"suspend": None}, "SUSPENDED", {"resume": None}),
        ({"os-stop": None}, "SHUTOFF", {"reboot": {"type": "HARD"}}),
        ({"pause": None}, "PAUSED", {"reboot": {"type": "hard"}}),
        ({"reboot": {"type": "SOFT"}}, "ACTIVE", {"reboot": {"type": "soft"}}),
    ],
    ids=str,
)
def test_there_and_back(server: Server, there: Any, status: str, back: Any) -> None:
    answer = server.act(there)
    assert (answer.status, answer.body) == (202, b"")
    server.until(status)
    assert server.act(back).status == 202
    server.until("ACTIVE")


@pytest.mark.parametrize(
    ("body", "verb"),
    [
        ({"os-start": None}, "start"),
        ({"unpause": None}, "unpause"),
        ({"resume": None}, "resume"),
        ({"restore": None}, "restore"),
    ],
)
def test_in_the_wrong_state(server: Server, body: Any, verb: str) -> None:
    answer = server.act(body)
    assert answer.status == 409
    assert answer.fault == (
        "conflictingRequest",
        f"Cannot '{verb}' instance {server.id} while it is in vm_state active",
    )


@pytest.mark.parametrize(
    "body",
    [
        {"reboot": {}},
        {"reboot": {"type": "SLOW"}},
        {"reboot": None},
        {"os-resetState": {"state": "paused"}},
        {"os-getConsoleOutput": {"length": "x"}},
        {"os-getConsoleOutput": {"length": -2}},
        {"lock": {"locked_reason": ""}},
        {"lock": {"locked_reason": "x" * 256}},
        {"lock": {"reason": "x"}},
    ],
    ids=str,
)
def test_bodies_that_are_wrong(server: Server, body: Any) -> None:
    assert server.act(body, server.admin).status == 400


# --- locks -------------------------------------------------------------------------------


def test_lock(server: Server) -> None:
    assert server.act({"lock": {"locked_reason": "mine"}}).status == 202
    shown = server.shown()
    assert (shown["locked"], shown["locked_reason"]) == (True, "mine")
    refused = server.act({"os-stop": None})
    assert refused.status == 409
    assert refused.fault == ("conflictingRequest", f"Instance {server.id} is locked")
    assert server.member.delete(f"/v2.1/servers/{server.id}").status == 409
    assert server.act({"os-stop": None}, server.admin).status == 202
    server.until("SHUTOFF")
    assert server.act({"unlock": None}).status == 202
    shown = server.shown()
    assert (shown["locked"], shown["locked_reason"]) == (False, None)


def test_before_2_73_a_lock_takes_anything(server: Server) -> None:
    answer = server.act({"lock": {"what": "ever"}}, server.member.at("2.72"))
    assert answer.status == 202
    assert server.shown()["locked_reason"] is None


def test_a_lock_of_an_administrator(server: Server) -> None:
    assert server.act({"lock": None}, server.admin).status == 202
    refused = server.act({"unlock": None})
    assert refused.status == 403
    assert "unlock_override" in refused.fault[1]
    assert server.act({"unlock": None}, server.admin).status == 202
    assert server.shown()["locked"] is False


# --- the others --------------------------------------------------------------------------


def test_reset_state(server: Server) -> None:
    body = {"os-resetState": {"state": "error"}}
    assert server.act(body).status == 403
    assert server.act(body, server.admin).status == 202
    server.until("ERROR")
    assert server.act({"os-resetState": {"state": "active"}}, server.admin).status == 202
    server.until("ACTIVE")


def test_console_output(server: Server) -> None:
    whole = server.act({"os-getConsoleOutput": {}})
    assert whole.status == 200
    lines = whole.json["output"].splitlines()
    assert len(lines) > 2
    last = server.act({"os-getConsoleOutput": {"length": "2"}}).json["output"]
    assert last.splitlines() == lines[-2:]
    assert server.act({"os-getConsoleOutput": {"length": -1}}).json == whole.json
    assert server.act({"os-getConsoleOutput": {"length": None}}).json == whole.json


def test_force_delete(server: Server) -> None:
    assert server.act({"forceDelete": None}).status == 202
    server.cloud.wait_until_gone(server.id)


def test_delete_of_a_server_that_is_in_error(server: Server) -> None:
    server.act({"os-resetState": {"state": "error"}}, server.admin)
    assert server.member.delete(f"/v2.1/servers/{server.id}").status == 204
    server.cloud.wait_until_gone(server.id)


def test_what_nova_took_back(server: Server) -> None:
    gone = server.act({"resetNetwork": None})
    assert gone.status == 410
    rdp = {"os-getRDPConsole": {"type": "rdp-html5"}}
    assert server.act(rdp, server.member.at("2.5")).status == 400
    assert server.act(rdp, server.member.at("2.6")).status == 404


# --- restore: where deleted servers are kept for a while ---------------------------------


def test_restore() -> None:
    kept = Cloud(hosts=1, reclaim_instance_interval=3600)
    try:
        server = Server(kept, "soft")
        assert server.member.delete(f"/v2.1/servers/{server.id}").status == 204
        server.until("SOFT_DELETED")
        assert server.member.get("/v2.1/servers").json["servers"] == []
        found = server.member.get("/v2.1/servers?status=soft_deleted").json["servers"]
        assert [one["id"] for one in found] == [server.id]
        assert server.act({"restore": None}).status == 202
        server.until("ACTIVE")
        server.act({"forceDelete": None})
        kept.wait_until_gone(server.id)
    finally:
        kept.stop()


# --- instance actions --------------------------------------------------------------------


def actions(server: Server, query: str = "", who: WsgiClient | None = None) -> Response:
    return (who or server.member).get(f"/v2.1/servers/{server.id}/os-instance-actions{query}")


def test_actions_are_remembered(server: Server) -> None:
    answer = server.act({"os-stop": None})
    server.until("SHUTOFF")
    found = actions(server).json["instanceActions"]
    assert [one["action"] for one in found] == ["stop", "create"]
    assert found[0]["request_id"] == answer.header("x-openstack-request-id")
    assert found[0]["user_id"] == "alice" and found[0]["message"] is None
    shown = actions(server, f"/{found[0]['request_id']}").json["instanceAction"]
    (event,) = [one for one in shown["events"] if one["result"] == "Success"][:1]
    assert event["finish_time"] and len(event["hostId"]) == 56
    assert "host" not in event and "traceback" not in event and "details" not in event
    inner = actions(server, f"/{found[0]['request_id']}", server.admin).json["instanceAction"]
    assert {"host", "traceback", "details"} <= set(inner["events"][0])


def test_pages_of_actions(server: Server) -> None:
    for body in ({"lock": None}, {"unlock": None}):
        server.act(body)
    first = actions(server, "?limit=2").json
    assert [one["action"] for one in first["instanceActions"]] == ["unlock", "lock"]
    second = server.member.get(first["links"][0]["href"]).json
    assert [one["action"] for one in second["instanceActions"]] == ["create"]
    assert "links" not in second
    assert actions(server, "?marker=nix").status == 400
    assert actions(server, "?changes-before=2020-01-01").json["instanceActions"] == []
    older = actions(server, "?limit=1", server.member.at("2.57")).json
    assert len(older["instanceActions"]) == 3 and "links" not in older


def test_actions_of_a_deleted_server(server: Server) -> None:
    server.member.delete(f"/v2.1/servers/{server.id}")
    server.cloud.wait_until_gone(server.id)

    def finished() -> bool:
        found = actions(server).json["instanceActions"]
        return [one["action"] for one in found] == ["delete", "create"]

    wait_for(finished, 10, "the two actions")
    assert actions(server, "", server.member.at("2.20")).status == 404


def test_an_unknown_action(server: Server) -> None:
    answer = actions(server, "/req-nix")
    assert answer.status == 404
    assert answer.fault[1] == f"Action for request_id req-nix on instance {server.id} not found"
