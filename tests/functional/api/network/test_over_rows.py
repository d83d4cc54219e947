# SPDX-License-Identifier: Apache-2.0
"""The Networking API over the conductor's own rows: what is allowed, with the names and statuses
that clients know, and what each project sees."""

from collections.abc import Iterator
from typing import Any

import pytest

from nova_lite.api.network.kinds import KINDS
from tests.fixtures.cloud import Cloud
from tests.functional.api.network.lab import Networking

_numbers = iter(range(100000))
_outside = iter(range(256))  # external networks have addresses of their own


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    made = Cloud(hosts=0, network__backend="local", network__quotas={"network": "-1"})
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture
def networking(cloud: Cloud) -> Networking:
    """A member of a project of the test's own."""
    found = Networking(cloud.api, None)  # type: ignore[arg-type]
    return found.as_user(f"u:p{next(_numbers)}:member")


def subnet(networking: Networking, network: Any, **fields: Any) -> Any:
    body = {"network_id": network["id"], "cidr": "10.0.0.0/28", **fields}
    return networking.make("subnets", "subnet", **body)


def external(networking: Networking) -> Any:
    made = networking.admin.network(
        **{
            "router:external": True,
            "provider:network_type": "flat",
            "provider:physical_network": f"phys{next(_numbers)}",
        }
    )
    cidr = f"198.18.{next(_outside)}.0/29"
    subnet(networking.admin, made, cidr=cidr, enable_dhcp=False)
    return made


def test_addresses(networking: Networking) -> None:
    network = networking.network(name="n")
    made = subnet(networking, network)
    assert made["gateway_ip"] == "10.0.0.1"
    assert made["allocation_pools"] == [{"start": "10.0.0.2", "end": "10.0.0.14"}]
    assert networking.get(f"/networks/{network['id']}")["network"]["subnets"] == [made["id"]]
    port = networking.port(network_id=network["id"])
    (fixed,) = port["fixed_ips"]
    assert fixed["subnet_id"] == made["id"] and fixed["ip_address"].startswith("10.0.0.")
    assert port["mac_address"].startswith("fa:16:3e:")
    (group,) = networking.get("/security-groups?name=default")["security_groups"]
    assert port["security_groups"] == [group["id"]]
    asked = {"port": {"network_id": network["id"], "fixed_ips": [fixed]}}
    assert networking.refused("POST", "/ports", asked)[:2] == (409, "IpAddressInUse")
    asked["port"]["fixed_ips"] = [{"ip_address": "10.9.0.1"}]
    status, kind, _ = networking.refused("POST", "/ports", asked)
    assert (status, kind) == (400, "InvalidIpForNetwork")


def test_an_empty_pool(networking: Networking) -> None:
    network = networking.network()
    subnet(networking, network, cidr="10.0.0.0/30")
    networking.port(network_id=network["id"])
    status, kind, _ = networking.refused("POST", "/ports", {"port": {"network_id": network["id"]}})
    assert (status, kind) == (409, "IpAddressGenerationFailure")


def test_what_is_in_use(networking: Networking) -> None:
    network = networking.network()
    made = subnet(networking, network)
    port = networking.port(network_id=network["id"], device_id="somebody")
    assert networking.refused("DELETE", f"/subnets/{made['id']}")[:2] == (409, "SubnetInUse")
    assert networking.refused("DELETE", f"/networks/{network['id']}")[:2] == (409, "NetworkInUse")
    group = networking.make("security-groups", "security_group", name="g")
    networking.change(f"ports/{port['id']}", "port", security_groups=[group["id"]])
    path = f"/security-groups/{group['id']}"
    assert networking.refused("DELETE", path)[:2] == (409, "SecurityGroupInUse")
    assert networking.call("DELETE", f"/v2.0/ports/{port['id']}").status == 204
    assert networking.call("DELETE", f"/v2.0{path}").status == 204
    assert networking.call("DELETE", f"/v2.0/networks/{network['id']}").status == 204
    assert networking.refused("GET", f"/subnets/{made['id']}")[:2] == (404, "SubnetNotFound")


def test_rules(networking: Networking) -> None:
    group = networking.make("security-groups", "security_group", name="g")
    assert len(group["security_group_rules"]) == 2
    rule = {"security_group_id": group["id"], "direction": "ingress", "protocol": "tcp"}
    ports = {"port_range_min": 80, "port_range_max": 81}
    made = networking.make("security-group-rules", "security_group_rule", **rule, **ports)
    body = {"security_group_rule": {**rule, **ports}}
    status, kind, _ = networking.refused("POST", "/security-group-rules", body)
    assert (status, kind) == (409, "SecurityGroupRuleExists")
    body = {"security_group_rule": {**rule, "port_range_min": 9, "port_range_max": 8}}
    assert networking.refused("POST", "/security-group-rules", body)[0] == 400
    query = f"security_group_id={group['id']}&protocol=tcp&ethertype=IPv4&direction=ingress"
    found = networking.get(f"/security-group-rules?{query}")["security_group_rules"]
    assert found == [made]
    assert networking.call("DELETE", f"/v2.0/security-group-rules/{made['id']}").status == 204


def test_floating_ips(networking: Networking) -> None:
    outside = external(networking)
    network = networking.network()
    subnet(networking, network)
    port = networking.port(network_id=network["id"])
    made = networking.make("floatingips", "floatingip", floating_network_id=outside["id"])
    assert made["floating_ip_address"].startswith("198.18.")
    path = f"floatingips/{made['id']}"
    changed = networking.change(path, "floatingip", port_id=port["id"])
    assert changed["fixed_ip_address"] == port["fixed_ips"][0]["ip_address"]
    body = {"floatingip": {"floating_network_id": outside["id"], "port_id": port["id"]}}
    status, kind, _ = networking.refused("POST", "/floatingips", body)
    assert (status, kind) == (409, "FloatingIPPortAlreadyAssociated")
    found = networking.get(f"/floatingips?port_id={port['id']}")["floatingips"]
    assert [each["id"] for each in found] == [made["id"]]
    assert networking.change(path, "floatingip", port_id=None)["fixed_ip_address"] is None
    body = {"floatingip": {"floating_network_id": network["id"]}}
    assert networking.refused("POST", "/floatingips", body)[0] == 400


def test_networks_of_others(networking: Networking) -> None:
    """Shared: visible and to be used, but not to be changed."""
    shared = networking.admin.network(shared=True)
    inside = subnet(networking.admin, shared)
    port = networking.port(network_id=shared["id"])
    asked = {"subnet": {"network_id": shared["id"], "cidr": "10.1.0.0/24"}}
    assert networking.refused("POST", "/subnets", asked)[:2] == (403, "PolicyNotAuthorized")
    assert networking.refused("DELETE", f"/subnets/{inside['id']}")[0] == 403
    assert (
        networking.refused("PUT", f"/subnets/{inside['id']}", {"subnet": {"name": "x"}})[0] == 403
    )
    other = networking.as_user(f"u:p{next(_numbers)}:member")
    assert other.refused("GET", f"/ports/{port['id']}")[0] == 404
    secret = networking.network()
    asked = {"port": {"network_id": secret["id"]}}
    assert other.refused("POST", "/ports", asked)[:2] == (404, "NetworkNotFound")
    assert port["id"] in [each["id"] for each in other.admin.get("/ports")["ports"]]


def test_servers_of_others(cloud: Cloud, networking: Networking) -> None:
    """Nobody puts a port of his own into them."""
    server = cloud.server(project="victim", wait=None)
    network = networking.network()
    asked = {"port": {"network_id": network["id"], "device_id": server}}
    assert networking.refused("POST", "/ports", asked)[:2] == (400, "InvalidInput")
    port = networking.port(network_id=network["id"], device_id="something")
    change = {"port": {"device_id": server}}
    assert networking.refused("PUT", f"/ports/{port['id']}", change)[0] == 400
    owner = networking.as_user("u:victim:member")
    owner.change(
        f"ports/{owner.port(network_id=owner.network()['id'])['id']}", "port", **change["port"]
    )


def test_counts_of_addresses(networking: Networking) -> None:
    outside = external(networking)
    networking.make("floatingips", "floatingip", floating_network_id=outside["id"])
    network = networking.network(name="counted")
    made = subnet(networking, network)
    subnet(networking, network, cidr="fd00::/48", name="six")
    networking.port(network_id=network["id"])
    admin = networking.admin
    path = f"/network-ip-availabilities/{network['id']}"
    found = admin.get(path)["network_ip_availability"]
    (four, six) = sorted(found["subnet_ip_availability"], key=lambda each: each["ip_version"])
    assert four == {
        "subnet_id": made["id"],
        "subnet_name": "",
        "cidr": "10.0.0.0/28",
        "ip_version": 4,
        "total_ips": 13,
        "used_ips": 1,
    }
    assert six["total_ips"] > 1 << 60
    assert (found["network_name"], found["used_ips"]) == ("counted", 2)
    query = f"network_id={network['id']}&ip_version=4"
    (only,) = admin.get(f"/network-ip-availabilities?{query}")["network_ip_availabilities"]
    assert (only["total_ips"], only["used_ips"]) == (13, 1)
    path = f"/network-ip-availabilities/{outside['id']}"
    found = admin.get(path)["network_ip_availability"]
    assert (found["total_ips"], found["used_ips"]) == (5, 1)
    assert networking.refused("GET", "/network-ip-availabilities")[0] == 403
    assert admin.refused("GET", "/network-ip-availabilities?colour=1")[0] == 400
    assert admin.refused("GET", "/network-ip-availabilities/nowhere")[1] == "NetworkNotFound"


def test_every_filter_and_key(networking: Networking) -> None:
    """What the table of attributes offers, the rows can do."""
    network = networking.network(name="n")
    subnet(networking, network)
    networking.port(network_id=network["id"])
    networking.make("security-groups", "security_group", name="g")
    admin = networking.admin
    for kind in KINDS:
        for attribute in kind.attributes:
            if attribute.match is not None:
                value = "IPv4" if attribute.name == "ethertype" else "1"
                admin.get(f"/{kind.path}?{attribute.name}={value}")
            if attribute.sortable:
                for way in ("asc", "desc"):
                    admin.get(f"/{kind.path}?sort_key={attribute.name}&sort_dir={way}&limit=1")


def test_filters_that_find(networking: Networking) -> None:
    network = networking.network(name="n", description="d", mtu=1300)
    made = subnet(networking, network, dns_nameservers=["192.0.2.1"])
    port = networking.port(network_id=network["id"], name="x")
    fixed = port["fixed_ips"][0]["ip_address"]
    group = port["security_groups"][0]
    for path, many, wanted in (
        ("networks?mtu=1300&description=d", "networks", network),
        (f"networks?subnets={made['id']}", "networks", network),
        (f"subnets?cidr=10.0.0.0/28&network_id={network['id']}", "subnets", made),
        ("subnets?dns_nameservers=192.0.2.1&enable_dhcp=True&ip_version=4", "subnets", made),
        (f"ports?fixed_ips=ip_address={fixed}&name=x", "ports", port),
        (f"ports?fixed_ips=subnet_id={made['id']}", "ports", port),
        (f"ports?security_groups={group}", "ports", port),
        (f"ports?mac_address={port['mac_address'].upper()}", "ports", port),
        ("ports?device_id=&status=down", "ports", port),
    ):
        found = networking.get(f"/{path}")[many]
        assert [each["id"] for each in found] == [wanted["id"]], path


def test_pages(networking: Networking) -> None:
    for name in "bdace":
        networking.network(name=name)
    seen, marker = "", ""
    for _ in range(4):
        query = f"limit=2&shared=false&router:external=false&sort_key=name&sort_dir=desc{marker}"
        page = networking.get(f"/networks?{query}")
        seen += "".join(each["name"] for each in page["networks"]) + "|"
        if "networks_links" not in page:
            break
        marker = f"&marker={page['networks'][-1]['id']}"
    assert seen == "ed|cb|a|"


def test_quota(networking: Networking) -> None:
    project = networking.network()["project_id"]
    quota = networking.get(f"/quotas/{project}/details")["quota"]
    assert quota["network"]["used"] == 1
    assert set(quota) >= {"network", "subnet", "port", "floatingip", "security_group"}
    limit = quota["security_group"]["limit"]
    used = quota["security_group"]["used"]
    for number in range(limit - used - 1):
        networking.make("security-groups", "security_group", name=f"g{number}")
    networking.get("/security-groups")
    last = [
        networking.call("POST", "/v2.0/security-groups", {"security_group": {"name": f"h{n}"}})
        for n in range(2)
    ]
    assert last[-1].status == 409
    assert last[-1].json["NeutronError"]["type"] == "OverQuota"


def test_external_networks_are_one_space_of_addresses(networking: Networking) -> None:
    admin = networking.admin
    first, other = external(networking), admin.network(**{"router:external": True})
    (held,) = admin.get(f"/subnets?network_id={first['id']}")["subnets"]
    wider = held["cidr"].replace("/29", "/24")
    for cidr in (held["cidr"], wider):
        body = {"subnet": {"network_id": other["id"], "cidr": cidr, "ip_version": 4}}
        status, kind, message = admin.refused("POST", "/subnets", body)
        assert (status, kind) == (409, "ExternalSubnetsOverlap")
        assert f"overlaps with {held['cidr']} of external network {first['id']}" in message
    inner = networking.network()
    subnet(networking, inner, cidr=wider)  # no concern of others
    path, body = f"/networks/{inner['id']}", {"network": {"router:external": True}}
    assert admin.refused("PUT", path, body)[:2] == (409, "ExternalSubnetsOverlap")
    again = admin.change(f"networks/{first['id']}", "network", **{"router:external": True})
    assert again["router:external"]
    admin.change(f"networks/{first['id']}", "network", **{"router:external": False})
    changed = admin.change(path[1:], "network", **{"router:external": True})
    assert changed["router:external"]
    admin.change(path[1:], "network", **{"router:external": False})
