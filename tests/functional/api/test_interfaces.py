# SPDX-License-Identifier: Apache-2.0
"""Interfaces of servers: seen, attached, detached; and their addresses."""

import itertools
from typing import Any
from uuid import uuid4

import pytest

from nova_lite.backends.network import fake
from tests.fixtures.cloud import Cloud
from tests.fixtures.wait import wait_for
from tests.fixtures.wsgi_client import Response, WsgiClient

_projects = itertools.count(1)


class Server:
    def __init__(self, cloud: Cloud, project: str) -> None:
        self.cloud = cloud
        self.member = cloud.client("alice", project, "member")
        self.id = cloud.server(project=project)
        self.path = f"/v2.1/servers/{self.id}/os-interface"

    def attach(self, who: WsgiClient | None = None, **wish: Any) -> Response:
        return (who or self.member).post(self.path, {"interfaceAttachment": wish})

    def interfaces(self, version: str = "2.104") -> list[dict[str, Any]]:
        answer = self.member.at(version).get(self.path)
        assert answer.status == 200
        return list(answer.json["interfaceAttachments"])

    def addresses(self) -> list[str]:
        shown = self.member.get(f"/v2.1/servers/{self.id}").json["server"]["addresses"]
        return [one["addr"] for ones in shown.values() for one in ones]


@pytest.fixture
def server(cloud: Cloud) -> Server:
    return Server(cloud, f"interfaces{next(_projects)}")


def test_one_more_and_one_less(server: Server) -> None:
    before = server.interfaces()
    answer = server.attach(net_id=fake.NETWORK_ID, tag="back")
    assert answer.status == 200, answer.body
    made = answer.json["interfaceAttachment"]
    assert made["net_id"] == fake.NETWORK_ID and made["tag"] == "back"
    assert made["port_state"] == "ACTIVE"
    assert server.interfaces() == [*before, made]
    assert server.member.get(f"{server.path}/{made['port_id']}").json == {
        "interfaceAttachment": made
    }
    (fixed,) = made["fixed_ips"]
    assert fixed["ip_address"] in server.addresses()
    gone = server.member.delete(f"{server.path}/{made['port_id']}")
    assert (gone.status, gone.body) == (202, b"")
    wait_for(lambda: server.interfaces() == before, 20, "the interface to go")
    assert fixed["ip_address"] not in server.addresses()


def test_the_history_tells(server: Server) -> None:
    assert server.attach().status == 200
    path = f"/v2.1/servers/{server.id}/os-instance-actions"
    actions = server.member.get(path).json["instanceActions"]
    assert [one["action"] for one in actions] == ["attach_interface", "create"]


def test_a_chosen_address_is_given_once(server: Server) -> None:
    wish = {"net_id": fake.NETWORK_ID, "fixed_ips": [{"ip_address": "192.168.191.250"}]}
    assert server.attach(**wish).status == 200
    assert "192.168.191.250" in server.addresses()
    again = server.attach(**wish)
    assert again.status == 409 and "192.168.191.250" in again.fault[1]
    assert len(server.interfaces()) == 1


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({"net_id": "nonsense"}, 400),
        ({"net_id": str(uuid4())}, 404),
        ({"port_id": str(uuid4())}, 404),
        ({"net_id": str(uuid4()), "port_id": str(uuid4())}, 400),
        ({"fixed_ips": [{"ip_address": "192.168.130.9"}]}, 400),
        ({"net_id": fake.NETWORK_ID, "fixed_ips": [{"ip_address": "10.9.9.9"}]}, 400),
        ({"net_id": fake.NETWORK_ID, "fixed_ips": []}, 400),
        ({"tag": "no,commas"}, 400),
        ({"colour": "red"}, 400),
    ],
    ids=str,
)
def test_what_cannot_be(server: Server, wish: dict[str, Any], status: int) -> None:
    before = server.interfaces()
    answer = server.attach(**wish)
    assert answer.status == status and answer.fault
    assert server.interfaces() == before


def test_versions(server: Server) -> None:
    tagged = {"interfaceAttachment": {"tag": "x"}}
    assert server.member.at("2.48").post(server.path, tagged).status == 400
    assert server.member.at("2.49").post(server.path, tagged).status == 200
    assert all("tag" not in one for one in server.interfaces("2.69"))
    assert server.interfaces("2.70")[-1]["tag"] == "x"


def test_unknown_interfaces_and_servers(server: Server) -> None:
    absent = f"{server.path}/{uuid4()}"
    assert server.member.get(absent).status == 404
    assert server.member.delete(absent).status == 404
    stranger = server.cloud.client("mallory", "elsewhere", "member")
    assert stranger.get(server.path).status == 404
    assert server.attach(stranger).status == 404


def test_in_the_wrong_state(server: Server) -> None:
    server.member.post(f"/v2.1/servers/{server.id}/action", {"suspend": None})
    server.cloud.wait_for_status(server.id, "SUSPENDED")
    answer = server.attach()
    assert answer.status == 409 and "attach_interface" in answer.fault[1]


def test_addresses_by_network(server: Server) -> None:
    server.attach()
    everything = server.member.get(f"/v2.1/servers/{server.id}/ips").json["addresses"]
    ((label, addresses),) = everything.items()
    assert addresses and set(addresses[0]) == {"version", "addr"}
    one = server.member.get(f"/v2.1/servers/{server.id}/ips/{label}")
    assert one.json == {label: addresses}
    assert server.member.get(f"/v2.1/servers/{server.id}/ips/other").status == 404
