# SPDX-License-Identifier: Apache-2.0
"""Servers on the built-in network, over REST: what they get, and what is left when they go."""

import itertools
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from nova_lite.domain.network_query import NetworkKind, NetworkQuery
from tests.fixtures.cloud import Cloud
from tests.fixtures.wait import wait_for
from tests.fixtures.wsgi_client import WsgiClient

_projects = itertools.count(1)


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    made = Cloud(network__backend="local", network__wait_for_host=False)
    try:
        yield made
    finally:
        made.stop()


class Project:
    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.name = f"net{next(_projects)}"
        self.context = cloud.context(self.name)
        self.member: WsgiClient = cloud.client(f"owner-{self.name}", self.name, "member")

    def create(self, kind: NetworkKind, **values: Any) -> dict[str, Any]:
        text = self.cloud.clients.conductor.create_network_resource(
            self.context, kind=kind, values=values
        )
        return dict(msgspec.json.decode(text))

    def resources(self, kind: NetworkKind) -> list[dict[str, Any]]:
        text = self.cloud.clients.conductor.list_network_resources(
            self.context, query=NetworkQuery(kind=kind)
        )
        return list(msgspec.json.decode(text))

    def net(self, cidr: str) -> str:
        made = self.create(NetworkKind.NETWORK, name="net")
        self.create(NetworkKind.SUBNET, network_id=made["id"], cidr=cidr)
        return str(made["id"])

    def ask(self, networks: Any, **fields: Any) -> Any:
        body = {
            "name": "s",
            "imageRef": self.cloud.image(),
            "flavorRef": self.cloud.flavor(),
            "networks": networks,
            **fields,
        }
        return self.member.post("/v2.1/servers", {"server": body})

    def servers(self) -> list[dict[str, Any]]:
        return list(self.member.get("/v2.1/servers/detail").json["servers"])

    def settled(self, number: int) -> list[dict[str, Any]]:
        def there() -> Any:
            found = self.servers()
            idle = all(one["status"] in ("ACTIVE", "ERROR") for one in found)
            return found if len(found) == number and idle else None

        found: list[dict[str, Any]] = wait_for(there, 60, f"{number} servers to settle")
        return found


@pytest.fixture
def project(cloud: Cloud) -> Project:
    return Project(cloud)


def test_a_pool_gives_what_it_has_and_everything_comes_back(project: Project) -> None:
    network = project.net("10.4.0.0/28")
    for _ in range(4):
        answer = project.ask([{"uuid": network}], min_count=5, max_count=5)
        assert answer.status == 202, answer.body
    found = project.settled(20)
    active = [one for one in found if one["status"] == "ACTIVE"]
    addresses = {one["addresses"]["net"][0]["addr"] for one in active}
    assert len(active) == len(addresses) == 13
    for one in found:
        if one["status"] == "ERROR":
            assert "No more IP addresses" in one["fault"]["message"]
            assert one["addresses"] == {}
    assert len(project.resources(NetworkKind.PORT)) == 13
    for one in found:
        assert project.member.delete(f"/v2.1/servers/{one['id']}").status == 204
    wait_for(lambda: not project.servers(), 60, "the servers to go")
    assert project.resources(NetworkKind.PORT) == []
    project.cloud.clients.conductor.delete_network_resource(
        project.context, kind=NetworkKind.NETWORK, resource_id=network
    )


def test_addresses_are_shown_and_follow_the_floating_one(cloud: Cloud, project: Project) -> None:
    network = project.net("10.5.0.0/24")
    assert project.ask([{"uuid": network, "fixed_ip": "10.5.0.9", "tag": "front"}]).status == 202
    (server,) = project.settled(1)
    (shown,) = server["addresses"]["net"]
    assert (shown["addr"], shown["version"]) == ("10.5.0.9", 4)
    boss = Project(cloud)
    public = boss.create(NetworkKind.NETWORK, name="public", external=True)
    boss.create(NetworkKind.SUBNET, network_id=public["id"], cidr="203.0.113.0/28")
    (port,) = project.resources(NetworkKind.PORT)
    made = project.create(NetworkKind.FLOATING_IP, network_id=public["id"], port_id=port["id"])
    path = f"/v2.1/servers/{server['id']}"
    both = project.member.get(path).json["server"]["addresses"]["net"]
    assert [(one["addr"], one["OS-EXT-IPS:type"]) for one in both] == [
        ("10.5.0.9", "fixed"),
        (made["address"], "floating"),
    ]
    assert {one["OS-EXT-IPS-MAC:mac_addr"] for one in both} == {port["mac"]}
    project.cloud.clients.conductor.delete_network_resource(
        project.context, kind=NetworkKind.FLOATING_IP, resource_id=made["id"]
    )
    assert len(project.member.get(path).json["server"]["addresses"]["net"]) == 1


@pytest.mark.parametrize(
    "wish",
    [
        {"uuid": "7d3c7f4e-0000-4000-8000-000000000000"},
        {"port": "7d3c7f4e-0000-4000-8000-000000000000"},
        {"fixed_ip": "10.99.0.1"},
        {"foreign": True},
    ],
)
def test_what_cannot_be_given_is_refused_at_once(
    cloud: Cloud, project: Project, wish: dict[str, Any]
) -> None:
    network = project.net("10.6.0.0/24")
    if wish.pop("foreign", None):
        other = Project(cloud)
        port = other.create(NetworkKind.PORT, network_id=other.net("10.7.0.0/24"))
        wish = {"port": port["id"]}
    elif "fixed_ip" in wish:
        wish = {"uuid": network, **wish}
    answer = project.ask([wish])
    assert answer.status == 400, answer.body
    assert project.servers() == [] and project.resources(NetworkKind.PORT) == []


def test_several_networks_have_to_be_chosen_from(project: Project) -> None:
    project.net("10.8.0.0/24")
    project.net("10.9.0.0/24")
    answer = project.ask("auto")
    assert answer.status == 409, answer.body
    assert "Multiple possible networks" in answer.json["conflictingRequest"]["message"]


def test_a_port_serves_one_server(project: Project) -> None:
    network = project.net("10.10.0.0/24")
    port = project.create(NetworkKind.PORT, network_id=network)
    assert project.ask([{"port": port["id"]}]).status == 202
    project.settled(1)
    answer = project.ask([{"port": port["id"]}])
    assert answer.status == 409, answer.body
    refused = project.ask([{"port": port["id"]}], min_count=2)
    assert refused.status in (400, 409), refused.body
    assert len(project.servers()) == 1


def test_what_cannot_be_attached(cloud: Cloud, project: Project) -> None:
    network = project.net("10.11.0.0/30")
    other = Project(cloud)
    foreign = other.create(NetworkKind.PORT, network_id=other.net("10.12.0.0/24"))
    assert project.ask([{"uuid": network}]).status == 202
    (server,) = project.settled(1)
    (own,) = project.resources(NetworkKind.PORT)
    path = f"/v2.1/servers/{server['id']}/os-interface"
    (address,) = server["addresses"]["net"]
    absent = "7d3c7f4e-0000-4000-8000-000000000000"
    for wish, status in (
        ({"port_id": absent}, 404),
        ({"port_id": foreign["id"]}, 404),
        ({"net_id": absent}, 404),
        ({"net_id": network}, 400),  # it has no address left
        ({"net_id": network, "fixed_ips": [{"ip_address": address["addr"]}]}, 409),
        ({"net_id": network, "fixed_ips": [{"ip_address": "10.99.0.1"}]}, 400),
    ):
        answer = project.member.post(path, {"interfaceAttachment": wish})
        assert answer.status == status, (wish, answer.body)
    assert project.ask("none").status == 202
    other_server = next(s for s in project.settled(2) if s["id"] != server["id"])
    taken = project.member.post(
        f"/v2.1/servers/{other_server['id']}/os-interface",
        {"interfaceAttachment": {"port_id": own["id"]}},
    )
    assert taken.status == 409, taken.body
    assert [port["id"] for port in project.resources(NetworkKind.PORT)] == [own["id"]]
    assert len(project.member.get(path).json["interfaceAttachments"]) == 1
