# SPDX-License-Identifier: Apache-2.0
"""Networks, floating addresses and security groups as the Compute API had them up to 2.35, over
the built-in network."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.fixtures.cloud import Cloud
from tests.fixtures.wsgi_client import WsgiClient
from tests.functional.api.network.lab import Networking

OLD = "2.35"
_numbers = iter(range(100000))
_outside = iter(range(256))


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    made = Cloud(
        network__backend="local",
        network__wait_for_host=False,
        network__quotas={"floatingip": "7"},
    )
    try:
        yield made
    finally:
        made.stop()


class Project:
    """A member, at 2.35, and the same one in the Networking API."""

    def __init__(self, cloud: Cloud) -> None:
        self.name = f"proxied{next(_numbers)}"
        self.cloud = cloud
        self.client: WsgiClient = cloud.client("u", self.name, "member", version=OLD)
        found = Networking(cloud.api, None)  # type: ignore[arg-type]
        self.networking = found.as_user(f"u:{self.name}:member")

    def network(self, **fields: Any) -> Any:
        return self.networking.network(**fields)

    def subnet(self, networking: Networking, network: Any, **fields: Any) -> Any:
        return networking.make("subnets", "subnet", network_id=network["id"], **fields)

    def pool(self, most: int = 5) -> str:
        """The name of an external network with so many addresses."""
        name = f"pool{next(_numbers)}"
        admin = self.networking.admin
        kind = {"provider:network_type": "flat", "provider:physical_network": name}
        made = admin.network(name=name, **{"router:external": True, **kind})
        block = f"198.18.{next(_outside)}"  # addresses of its own
        pools = [{"start": f"{block}.2", "end": f"{block}.{1 + most}"}]
        fields = {"cidr": f"{block}.0/29", "allocation_pools": pools}
        self.subnet(admin, made, enable_dhcp=False, **fields)
        return name

    def post(self, path: str, body: Any, status: int = 200) -> Any:
        answer = self.client.post(f"/v2.1{path}", body)
        assert answer.status == status, answer.body
        return answer.json if answer.body else None

    def get(self, path: str, status: int = 200) -> Any:
        answer = self.client.get(f"/v2.1{path}")
        assert answer.status == status, answer.body
        return answer.json


@pytest.fixture
def project(cloud: Cloud) -> Project:
    return Project(cloud)


def test_networks(project: Project) -> None:
    made = project.network(name="n")
    project.subnet(project.networking, made, cidr="10.0.0.0/24")
    other = project.network(name="empty")
    found = {each["id"]: each for each in project.get("/os-networks")["networks"]}
    assert found[made["id"]]["label"] == "n"
    assert found[made["id"]]["cidr"] is None and "bridge" not in found[made["id"]]
    shown = project.get(f"/os-networks/{made['id']}")["network"]
    assert shown == found[made["id"]]
    admin = project.cloud.admin.at(OLD).get(f"/v2.1/os-networks/{made['id']}").json["network"]
    assert admin["bridge"] is None
    shown = project.get(f"/os-tenant-networks/{made['id']}")["network"]
    assert shown == {"id": made["id"], "label": "n", "cidr": "10.0.0.0/24"}
    ranges = {n["id"]: n["cidr"] for n in project.get("/os-tenant-networks")["networks"]}
    assert ranges[other["id"]] == "None"
    project.get("/os-networks/nowhere", 404)
    project.get("/os-tenant-networks/nowhere", 404)


def test_floating_addresses(project: Project) -> None:
    pool = project.pool()
    assert {"name": pool} in project.get("/os-floating-ip-pools")["floating_ip_pools"]
    made = project.post("/os-floating-ips", {"pool": pool})["floating_ip"]
    assert made == {
        "id": made["id"],
        "ip": made["ip"],
        "pool": pool,
        "fixed_ip": None,
        "instance_id": None,
    }
    assert project.get("/os-floating-ips")["floating_ips"] == [made]
    assert project.get(f"/os-floating-ips/{made['id']}")["floating_ip"] == made
    network = project.network(name="inside")
    project.subnet(project.networking, network, cidr="10.0.0.0/24")
    server = project.cloud.server(project=project.name, networks=[{"uuid": network["id"]}])
    action = f"/servers/{server}/action"
    project.post(action, {"addFloatingIp": {"address": made["ip"]}}, 202)
    shown = project.get(f"/os-floating-ips/{made['id']}")["floating_ip"]
    assert shown["instance_id"] == server and shown["fixed_ip"].startswith("10.0.0.")
    addresses = project.get(f"/servers/{server}")["server"]["addresses"]["inside"]
    assert {each["OS-EXT-IPS:type"] for each in addresses} == {"fixed", "floating"}
    project.post(action, {"removeFloatingIp": {"address": made["ip"]}}, 202)
    assert project.get(f"/os-floating-ips/{made['id']}")["floating_ip"] == made
    project.post(action, {"removeFloatingIp": {"address": made["ip"]}}, 409)
    project.post(action, {"removeFloatingIp": {"address": "192.0.2.250"}}, 404)
    fixed = {"address": made["ip"], "fixed_address": "10.0.0.254"}
    project.post(action, {"addFloatingIp": fixed}, 400)
    fixed["fixed_address"] = shown["fixed_ip"]
    project.post(action, {"addFloatingIp": fixed}, 202)
    answer = project.client.delete(f"/v2.1/os-floating-ips/{made['id']}")
    assert (answer.status, answer.body) == (202, b"")
    project.get(f"/os-floating-ips/{made['id']}", 404)
    project.cloud.admin.delete(f"/v2.1/servers/{server}")


def test_a_server_without_addresses(project: Project) -> None:
    made = project.post("/os-floating-ips", {"pool": project.pool()})["floating_ip"]
    server = project.cloud.server(project=project.name)
    body = {"addFloatingIp": {"address": made["ip"]}}
    project.post(f"/servers/{server}/action", body, 400)
    answer = project.client.at("2.44").post(f"/v2.1/servers/{server}/action", body)
    assert answer.status == 404
    other = Project(project.cloud)
    other.post(f"/servers/{server}/action", body, 404)


def test_fixed_addresses(project: Project) -> None:
    network = project.network(name="inside")
    project.subnet(project.networking, network, cidr="10.0.0.0/29")
    other = project.network(name="other")
    server = project.cloud.server(project=project.name, networks=[{"uuid": network["id"]}])
    action = f"/servers/{server}/action"

    def addresses() -> list[str]:
        shown = project.get(f"/servers/{server}")["server"]["addresses"]
        return [each["addr"] for each in shown.get("inside", [])]

    (first,) = addresses()
    project.post(action, {"addFixedIp": {"networkId": network["id"]}}, 202)
    both = addresses()
    assert len(both) == 2 and both[0] == first
    (port,) = project.networking.get("/ports")["ports"]
    assert [each["ip_address"] for each in port["fixed_ips"]] == both, "it is the same port"
    project.post(action, {"removeFixedIp": {"address": first}}, 202)
    assert addresses() == both[1:]
    project.post(action, {"removeFixedIp": {"address": first}}, 400)
    project.post(action, {"addFixedIp": {"networkId": other["id"]}}, 404)
    project.post(action, {"addFixedIp": {"networkId": "nowhere"}}, 404)
    for wrong in ({"removeFixedIp": {"address": "x"}}, {"addFixedIp": {}}):
        project.post(action, wrong, 400)
    for _ in range(4):
        project.post(action, {"addFixedIp": {"networkId": network["id"]}}, 202)
    project.post(action, {"addFixedIp": {"networkId": network["id"]}}, 400)
    assert len(set(addresses())) == 5
    project.post(action, {"lock": None}, 202)
    project.post(action, {"removeFixedIp": {"address": both[1]}}, 409)
    Project(project.cloud).post(action, {"removeFixedIp": {"address": both[1]}}, 404)
    body = {"addFixedIp": {"networkId": network["id"]}}
    assert project.client.at("2.44").post(f"/v2.1{action}", body).status == 404
    project.cloud.admin.delete(f"/v2.1/servers/{server}")


def test_an_address_from_a_network_that_has_no_more(project: Project) -> None:
    network = project.network(name="small")
    project.subnet(project.networking, network, cidr="10.0.0.0/30")
    server = project.cloud.server(project=project.name, networks=[{"uuid": network["id"]}])
    body = {"addFixedIp": {"networkId": network["id"]}}
    answer = project.client.post(f"/v2.1/servers/{server}/action", body)
    assert answer.status == 400 and "No more IP addresses" in answer.json["badRequest"]["message"]
    project.cloud.admin.delete(f"/v2.1/servers/{server}")


def test_pools_that_cannot_give(project: Project) -> None:
    project.post("/os-floating-ips", {"pool": "nowhere"}, 404)
    pool = project.pool(most=1)
    project.pool()
    project.post("/os-floating-ips", {"pool": pool})
    project.post("/os-floating-ips", {"pool": pool}, 404)
    project.post("/os-floating-ips", {}, 400)


def test_security_groups(project: Project) -> None:
    fields = {"name": "web", "description": "d"}
    made = project.post("/os-security-groups", {"security_group": fields})["security_group"]
    assert made == {**fields, "id": made["id"], "tenant_id": project.name, "rules": []}
    body = {"parent_group_id": made["id"], "ip_protocol": "TCP", "from_port": "80", "to_port": 81}
    rule = project.post("/os-security-group-rules", {"security_group_rule": body})
    rule = rule["security_group_rule"]
    assert rule == {
        "id": rule["id"],
        "parent_group_id": made["id"],
        "ip_protocol": "tcp",
        "from_port": 80,
        "to_port": 81,
        "group": {},
        "ip_range": {"cidr": "0.0.0.0/0"},
    }
    project.post("/os-security-group-rules", {"security_group_rule": body}, 400)
    body = {"parent_group_id": made["id"], "group_id": made["id"]}
    inner = project.post("/os-security-group-rules", {"security_group_rule": body})
    group = {"name": "web", "tenant_id": project.name}
    assert inner["security_group_rule"]["group"] == group
    body = {"parent_group_id": made["id"], "ip_protocol": "icmp", "from_port": -1, "to_port": -1}
    inner = project.post("/os-security-group-rules", {"security_group_rule": body})
    assert inner["security_group_rule"]["from_port"] == -1
    path = f"/os-security-groups/{made['id']}"
    assert len(project.get(path)["security_group"]["rules"]) == 3
    answer = project.client.delete(f"/v2.1/os-security-group-rules/{rule['id']}")
    assert answer.status == 202
    body = {"security_group": {"name": "other", "description": ""}}
    changed = project.client.put(f"/v2.1{path}", body)
    assert changed.status == 200
    assert changed.json["security_group"]["name"] == "other"
    names = [each["name"] for each in project.get("/os-security-groups")["security_groups"]]
    assert sorted(names) == ["default", "other"]
    found = project.get("/os-security-groups?limit=1&offset=1")["security_groups"]
    assert len(found) == 1
    assert project.client.delete(f"/v2.1{path}").status == 202
    project.get(path, 404)


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"ip_protocol": "tcp", "from_port": 9, "to_port": 8},
        {"ip_protocol": "tcp", "from_port": 70000, "to_port": 8},
        {"ip_protocol": "tcp", "cidr": "x"},
        {"ip_protocol": "gre"},
    ],
)
def test_rules_that_are_refused(project: Project, more: dict[str, Any]) -> None:
    project.get("/os-security-groups")
    groups = project.networking.get("/security-groups?name=default")["security_groups"]
    body = {"security_group_rule": {"parent_group_id": groups[0]["id"], **more}}
    project.post("/os-security-group-rules", body, 400)


def test_groups_of_others(project: Project) -> None:
    fields = {"name": "web", "description": "d"}
    made = project.post("/os-security-groups", {"security_group": fields})["security_group"]
    other = Project(project.cloud)
    other.get(f"/os-security-groups/{made['id']}", 404)
    body = {"parent_group_id": made["id"], "ip_protocol": "tcp"}
    other.post("/os-security-group-rules", {"security_group_rule": body}, 404)
    everything = project.cloud.admin.at(OLD).get("/v2.1/os-security-groups?all_tenants=1").json
    assert made["id"] in [each["id"] for each in everything["security_groups"]]
    own = project.cloud.admin.at(OLD).get("/v2.1/os-security-groups").json
    assert made["id"] not in [each["id"] for each in own["security_groups"]]


def test_they_ended_with_2_36(project: Project) -> None:
    newer = project.client.at("2.36")
    for path in ("networks", "tenant-networks", "floating-ips", "floating-ip-pools",
                 "security-groups"):  # fmt: skip
        assert newer.get(f"/v2.1/os-{path}").status == 404
        assert project.client.get(f"/v2.1/os-{path}").status == 200


def test_quotas_are_those_of_the_network(cloud: Cloud, project: Project) -> None:
    """As the Networking API has them, whose numbers count."""
    network = project.network(name="n")
    project.subnet(project.networking, network, cidr="10.0.0.0/24")
    project.networking.make("ports", "port", network_id=network["id"])
    project.post("/os-floating-ips", {"pool": project.pool()})
    project.post("/os-security-groups", {"security_group": {"name": "n", "description": "d"}})
    path = f"/os-quota-sets/{project.name}"
    limits = {
        "fixed_ips": -1, "floating_ips": 7, "security_groups": 10, "security_group_rules": 100
    }  # fmt: skip
    for shown in (project.get(path), project.get(f"{path}/defaults")):
        assert limits.items() <= shown["quota_set"].items()
    rules = sum(
        len(each["security_group_rules"])
        for each in project.networking.get("/security-groups")["security_groups"]
    )
    used = {"fixed_ips": 1, "floating_ips": 1, "security_groups": 2, "security_group_rules": rules}
    detail = project.get(f"{path}/detail")["quota_set"]
    for name, limit in limits.items():
        assert detail[name] == {"limit": limit, "in_use": used[name], "reserved": 0}
    absolute = {
        "maxSecurityGroups": 10,
        "maxSecurityGroupRules": 100,
        "maxTotalFloatingIps": 7,
        "totalFloatingIpsUsed": 1,
        "totalSecurityGroupsUsed": 2,
    }
    assert absolute.items() <= project.get("/limits")["limits"]["absolute"].items()
    admin = cloud.admin.at(OLD)
    body = {"quota_set": {"floating_ips": 3, "cores": 5}}
    updated = admin.put(f"/v2.1{path}", body).json["quota_set"]
    assert (updated["floating_ips"], updated["cores"]) == (7, 5), "[network] quotas says it"
    shown = admin.get("/v2.1/os-quota-class-sets/default").json["quota_class_set"]
    assert limits.items() <= shown.items()
    newer = project.client.at("2.36").get(f"/v2.1{path}").json["quota_set"]
    assert not limits.keys() & newer.keys()


def test_where_networks_are_not_managed() -> None:
    cloud = Cloud(hosts=0)
    try:
        client = cloud.client(version=OLD)
        quota = client.get("/v2.1/os-quota-sets/p/defaults").json["quota_set"]
        assert (quota["floating_ips"], quota["security_group_rules"]) == (10, 20), "as Nova's"
        assert client.get("/v2.1/os-networks").json == {"networks": []}
        body = {"security_group": {"name": "n", "description": "d"}}
        assert client.post("/v2.1/os-security-groups", body).status == 501
        assert client.post("/v2.1/os-floating-ips", {"pool": "p"}).status == 501
    finally:
        cloud.stop()
