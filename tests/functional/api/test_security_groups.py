# SPDX-License-Identifier: Apache-2.0
"""Security groups of servers, with the built-in network."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from nova_lite.domain.network_query import NetworkKind
from tests.fixtures.cloud import Cloud
from tests.fixtures.wsgi_client import Response, WsgiClient

PROJECT = "groups"


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    made = Cloud(
        network__backend="local", network__project_networks=True, network__wait_for_host=False
    )
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture
def member(cloud: Cloud) -> WsgiClient:
    return cloud.client("alice", PROJECT, "member")


@pytest.fixture
def path(cloud: Cloud) -> str:
    return f"/v2.1/servers/{cloud.server(project=PROJECT, networks='auto')}"


def make_group(cloud: Cloud, name: str) -> None:
    """With a rule that lets ssh in from its own members."""
    context, conductor = cloud.context(PROJECT), cloud.clients.conductor
    made = msgspec.json.decode(
        conductor.create_network_resource(
            context, kind=NetworkKind.SECURITY_GROUP, values={"name": name, "description": "d"}
        )
    )
    conductor.create_network_resource(
        context,
        kind=NetworkKind.SECURITY_GROUP_RULE,
        values={
            "group_id": made["id"],
            "direction": "ingress",
            "protocol": "tcp",
            "port_min": 22,
            "port_max": 22,
            "remote_group": made["id"],
        },
    )


def act(member: WsgiClient, path: str, verb: str, name: str) -> Response:
    return member.post(f"{path}/action", {verb: {"name": name}})


def shown(member: WsgiClient, path: str) -> list[str]:
    server = member.get(path).json["server"]
    return sorted(each["name"] for each in server.get("security_groups", []))


def test_a_server_joins_and_leaves_a_group(cloud: Cloud, member: WsgiClient, path: str) -> None:
    make_group(cloud, "ssh")
    assert shown(member, path) == ["default"]
    assert act(member, path, "addSecurityGroup", "ssh").status == 202
    assert shown(member, path) == ["default", "ssh"]
    found = member.get(f"{path}/os-security-groups").json["security_groups"]
    (ssh,) = [each for each in found if each["name"] == "ssh"]
    (rule,) = ssh["rules"]
    expected: dict[str, Any] = {
        "id": rule["id"],
        "parent_group_id": ssh["id"],
        "ip_protocol": "tcp",
        "from_port": 22,
        "to_port": 22,
        "group": {"name": "ssh", "tenant_id": PROJECT},
        "ip_range": {},
    }
    assert rule == expected
    assert act(member, path, "removeSecurityGroup", "default").status == 202
    assert shown(member, path) == ["ssh"]


@pytest.mark.parametrize("verb", ["addSecurityGroup", "removeSecurityGroup"])
def test_refusals(cloud: Cloud, member: WsgiClient, path: str, verb: str) -> None:
    assert act(member, path, verb, "nobody").status == 404
    assert act(member, path, verb, "").status == 400
    assert member.post(f"{path}/action", {verb: {}}).status == 400
    stranger = cloud.client("bob", "others", "member")
    assert act(stranger, path, verb, "default").status == 404
    assert stranger.get(f"{path}/os-security-groups").status == 404
    assert member.post(f"{path}/action", {"lock": None}).status == 202
    assert act(member, path, verb, "default").status == 409


def test_an_unknown_group_is_refused_at_creation(cloud: Cloud, member: WsgiClient) -> None:
    body = {"name": "s", "imageRef": cloud.image(), "flavorRef": cloud.flavor()}
    body |= {"networks": "auto", "security_groups": [{"name": "nobody"}]}
    answer = member.post("/v2.1/servers", {"server": body})
    assert answer.status == 400 and "nobody" in answer.json["badRequest"]["message"]
