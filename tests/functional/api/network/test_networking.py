# SPDX-License-Identifier: Apache-2.0
"""Requests and answers of the Networking API."""

from typing import Any

import pytest

from nova_lite.api.network.kinds import KINDS
from nova_lite.domain.network import PortAddress
from nova_lite.domain.network_query import NetworkKind, NetworkQuery
from tests.functional.api.network.lab import Networking, build
from tests.functional.api.network.rows import BrokenRows

ID = "11111111-2222-4333-8444-555555555555"


def test_a_network(networking: Networking) -> None:
    made = networking.network(name="n", description="d", admin_state_up=True, mtu=1400)
    assert made == {
        "id": made["id"],
        "name": "n",
        "description": "d",
        "admin_state_up": True,
        "shared": False,
        "router:external": False,
        "port_security_enabled": True,
        "mtu": 1400,
        "subnets": [],
        "status": "ACTIVE",
        "project_id": "p1",
        "tenant_id": "p1",
        "is_default": False,
        "availability_zone_hints": [],
        "availability_zones": [],
        "ipv4_address_scope": None,
        "ipv6_address_scope": None,
        "qos_policy_id": None,
        "tags": [],
        "created_at": "2026-01-31T12:00:00Z",
        "updated_at": "2026-01-31T12:00:00Z",
        "revision_number": 0,
    }
    path = f"/networks/{made['id']}"
    assert networking.get(path)["network"] == made
    changed = networking.change(path[1:], "network", name="other")
    assert (changed["name"], changed["mtu"], changed["revision_number"]) == ("other", 1400, 1)
    assert networking.rows.calls[-1] == ("update", {"name": "other"})
    answer = networking.call("DELETE", f"/v2.0{path}")
    assert (answer.status, answer.body) == (204, b"")
    assert networking.refused("GET", path) == (
        404,
        "NetworkNotFound",
        f"Network {made['id']} could not be found.",
    )


def test_an_administrator_sees_and_sets_more(networking: Networking) -> None:
    made = networking.admin.network(
        name="n",
        tenant_id="p1",
        shared=True,
        **{
            "router:external": True,
            "provider:network_type": "vlan",
            "provider:physical_network": "phys",
            "provider:segmentation_id": "100",
        },
    )
    assert networking.rows.calls[-1][1] == {
        "name": "n",
        "project_id": "p1",
        "shared": True,
        "external": True,
        "mode": "vlan",
        "physical_network": "phys",
        "segment": 100,
    }
    assert (made["provider:network_type"], made["provider:segmentation_id"]) == ("vlan", 100)
    seen = networking.get(f"/networks/{made['id']}")["network"]
    assert not [name for name in seen if name.startswith("provider:")]


@pytest.mark.parametrize(
    "given",
    [
        {"shared": True},
        {"router:external": "true"},
        {"provider:network_type": "flat"},
        {"provider:segmentation_id": 7},
    ],
)
def test_what_administrators_alone_set(networking: Networking, given: dict[str, Any]) -> None:
    (name,) = given
    status, kind, message = networking.refused("POST", "/networks", {"network": given})
    assert (status, kind) == (403, "PolicyNotAuthorized")
    assert f"create_network:{name}" in message


def test_the_default_may_be_said(networking: Networking) -> None:
    made = networking.network(shared=False, **{"router:external": False})
    path = f"/networks/{made['id']}"
    status, _, message = networking.refused("PUT", path, {"network": {"shared": True}})
    assert status == 403 and "update_network:shared" in message


def test_projects(networking: Networking) -> None:
    other = networking.as_user("u2:p2:member")
    mine = networking.network(name="mine")
    shared = networking.admin.network(name="all", shared=True)
    assert [n["name"] for n in other.get("/networks")["networks"]] == ["all"]
    assert other.refused("GET", f"/networks/{mine['id']}")[0] == 404
    assert other.refused("DELETE", f"/networks/{mine['id']}")[0] == 404
    body = {"network": {"name": "x"}}
    assert other.refused("PUT", f"/networks/{shared['id']}", body)[:2] == (
        403,
        "PolicyNotAuthorized",
    )
    assert other.refused("DELETE", f"/networks/{shared['id']}")[0] == 403
    assert other.refused("POST", "/networks", {"network": {"tenant_id": "p1"}})[0] == 403
    assert other.network(tenant_id="p2", project_id="p2")["project_id"] == "p2"
    twice = {"network": {"tenant_id": "p2", "project_id": "p1"}}
    assert "do not match" in other.refused("POST", "/networks", twice)[2]


def test_a_reader_reads(networking: Networking) -> None:
    made = networking.network()
    reader = networking.as_user("r:p1:reader")
    assert reader.get(f"/networks/{made['id']}")["network"]["id"] == made["id"]
    for kind in KINDS:
        reader.get(f"/{kind.path}")
    path = f"/networks/{made['id']}"
    assert reader.refused("POST", "/networks", {"network": {}})[0] == 403
    assert reader.refused("PUT", path, {"network": {"name": "x"}})[0] == 403
    assert reader.refused("DELETE", path)[0] == 403
    assert networking.as_user(None).call("GET", "/v2.0/networks").status == 401


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"network": {"colour": 1}}, "Unrecognized attribute(s) 'colour'"),
        ({"network": {"id": ID}}, "Attribute 'id' not allowed in POST"),
        ({"network": {"name": 1}}, "Invalid input for name. Reason: '1' is not a valid string."),
        ({"network": {"name": "x" * 256}}, "exceeds maximum length of 255"),
        ({"network": {"admin_state_up": "maybe"}}, "cannot be converted to boolean"),
        ({"network": {"mtu": 1 << 20}}, "is not between 68 and 65535"),
        ({"network": {"provider:network_type": "gre"}}, "is not in ['flat', 'vlan', 'vxlan']"),
        ({"network": []}, "has to be an object"),
        ({"port": {}}, "has to be an object 'network'"),
        ({}, "has to be an object 'network'"),
        (None, "has to be an object 'network'"),
        ({"networks": []}, "is empty"),
        ({"networks": [{}] * 101}, "100 resources at most"),
    ],
)
def test_bodies_that_are_refused(networking: Networking, body: Any, said: str) -> None:
    status, kind, message = networking.refused("POST", "/networks", body)
    assert (status, kind) == (400, "HTTPBadRequest")
    assert said in message


def test_no_json(networking: Networking) -> None:
    assert networking.refused("POST", "/networks", raw=b"{")[:2] == (400, "HTTPBadRequest")


def test_what_has_one_value_here(networking: Networking) -> None:
    networking.network(availability_zone_hints=[], qos_policy_id=None)
    asked = {"network": {"availability_zone_hints": ["a"]}}
    status, kind, message = networking.refused("POST", "/networks", asked)
    assert (status, kind) == (400, "InvalidInput")
    assert "availability_zone_hints" in message
    group = {"security_group": {"name": "g", "stateful": False}}
    assert networking.refused("POST", "/security-groups", group)[0] == 400


def test_updates_of_what_stays(networking: Networking) -> None:
    made = networking.network()
    path = f"/networks/{made['id']}"
    for name, value in (("id", ID), ("project_id", "p1"), ("provider:network_type", "flat")):
        message = networking.admin.refused("PUT", path, {"network": {name: value}})[2]
        assert message == f"Cannot update read-only attribute {name}"
    assert networking.refused("PUT", path, {"network": {}})[0] == 400


def test_many_at_once(networking: Networking) -> None:
    body = {"networks": [{"name": "a"}, {"name": "b"}]}
    answer = networking.call("POST", "/v2.0/networks", body)
    assert answer.status == 201
    assert [each["name"] for each in answer.json["networks"]] == ["a", "b"]
    body = {"networks": [{"name": "c"}, {"name": "refused"}]}
    assert networking.refused("POST", "/networks", body)[:2] == (409, "OverQuota")
    names = [each["name"] for each in networking.get("/networks")["networks"]]
    assert sorted(names) == ["a", "b"]


def test_subnets(networking: Networking) -> None:
    made = networking.make(
        "subnets",
        "subnet",
        network_id=ID,
        cidr="10.0.0.0/24",
        gateway_ip=None,
        allocation_pools=[{"start": "10.0.0.10", "end": "10.0.0.20"}],
        dns_nameservers=["192.0.2.53"],
        host_routes=[{"destination": "10.9.0.0/16", "nexthop": "10.0.0.9"}],
        enable_dhcp=False,
        ip_version=4,
    )
    assert networking.rows.calls[-1][1] == {
        "network_id": ID,
        "cidr": "10.0.0.0/24",
        "gateway": None,
        "pools": [{"start": "10.0.0.10", "end": "10.0.0.20"}],
        "dns": ["192.0.2.53"],
        "routes": [{"destination": "10.9.0.0/16", "nexthop": "10.0.0.9"}],
        "dhcp": False,
        "version": 4,
    }
    assert made["allocation_pools"] == [{"start": "10.0.0.10", "end": "10.0.0.20"}]
    assert made["host_routes"] == [{"destination": "10.9.0.0/16", "nexthop": "10.0.0.9"}]
    assert (made["gateway_ip"], made["enable_dhcp"], made["ip_version"]) == (None, False, 4)
    networking.make("subnets", "subnet", network_id=ID, cidr="fd00::/64")
    assert networking.rows.calls[-1][1] == {"network_id": ID, "cidr": "fd00::/64", "version": 6}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("cidr", "10.0.0.0/40"),
        ("network_id", "n"),
        ("gateway_ip", "10.0.0"),
        ("ip_version", 5),
        ("allocation_pools", [{"start": "10.0.0.1"}]),
        ("allocation_pools", {"start": "10.0.0.1"}),
        ("dns_nameservers", ["a.example"]),
        ("dns_nameservers", ["192.0.2.1", "192.0.2.1"]),
        ("host_routes", [{"destination": "x", "nexthop": "10.0.0.1"}]),
        ("host_routes", [{"destination": "10.0.0.0/8", "nexthop": "10.0.0.1", "metric": 1}]),
    ],
)
def test_subnets_that_are_refused(networking: Networking, field: str, value: Any) -> None:
    body = {"subnet": {"network_id": ID, "cidr": "10.0.0.0/24", field: value}}
    status, _, message = networking.refused("POST", "/subnets", body)
    assert status == 400
    assert message.startswith(f"Invalid input for {field}. Reason: ")


def test_what_is_required(networking: Networking) -> None:
    message = networking.refused("POST", "/subnets", {"subnet": {"cidr": "10.0.0.0/24"}})[2]
    assert message == "Failed to parse request. Required attribute 'network_id' not specified"


def test_ports(networking: Networking) -> None:
    network = networking.network()
    made = networking.port(
        network_id=network["id"],
        mac_address="FA-16-3E-00-00-09",
        fixed_ips=[{"subnet_id": ID, "ip_address": "10.0.0.9"}],
        security_groups=[],
        allowed_address_pairs=[{"ip_address": "10.0.0.0/28"}],
        device_owner="me",
    )
    assert networking.rows.calls[-1][1] == {
        "network_id": network["id"],
        "mac": "fa:16:3e:00:00:09",
        "addresses": [{"subnet_id": ID, "address": "10.0.0.9"}],
        "security_groups": [],
        "pairs": [{"address": "10.0.0.0/28"}],
        "device_owner": "me",
    }
    assert made["fixed_ips"] == [{"subnet_id": ID, "ip_address": "10.0.0.9"}]
    assert made["allowed_address_pairs"] == [
        {"ip_address": "10.0.0.0/28", "mac_address": "fa:16:3e:00:00:09"}
    ]
    assert (made["binding:vnic_type"], made["status"]) == ("normal", "DOWN")
    assert "binding:host_id" not in made
    admin = networking.admin
    bound = admin.change(f"ports/{made['id']}", "port", **{"binding:host_id": "h1"})
    assert (bound["binding:host_id"], bound["binding:vif_type"]) == ("h1", "bridge")
    unbound = admin.change(f"ports/{made['id']}", "port", **{"binding:host_id": ""})
    assert (unbound["binding:host_id"], unbound["binding:vif_type"]) == ("", "unbound")
    body = {"port": {"binding:host_id": "h1"}}
    assert networking.refused("PUT", f"/ports/{made['id']}", body)[0] == 403


@pytest.mark.parametrize("wishes", [[{}], [{"subnet_id": ID}, {}]])
def test_an_address_wish_says_something(networking: Networking, wishes: list[Any]) -> None:
    network = networking.network()
    body = {"port": {"network_id": network["id"], "fixed_ips": wishes}}
    status, _, message = networking.refused("POST", "/ports", body)
    assert status == 400 and "ip_address, subnet_id" in message


@pytest.mark.parametrize(
    "given",
    [
        {"mac_address": "fa:16:3e:00:00:01"},
        {"fixed_ips": [{"ip_address": "10.0.0.9"}]},
        {"port_security_enabled": False},
        {"allowed_address_pairs": [{"ip_address": "10.0.0.1"}]},
    ],
)
def test_ports_in_networks_of_others(networking: Networking, given: dict[str, Any]) -> None:
    """What could harm the others in a network is for its owner."""
    (name,) = given
    network = networking.admin.network(shared=True)
    body = {"port": {"network_id": network["id"], **given}}
    status, _, message = networking.refused("POST", "/ports", body)
    assert status == 403 and f"create_port:{name}" in message
    made = networking.port(network_id=network["id"], fixed_ips=[{"subnet_id": ID}])
    status, _, message = networking.refused("PUT", f"/ports/{made['id']}", {"port": given})
    assert status == 403 and f"update_port:{name}" in message
    own = networking.network()
    made = networking.port(network_id=own["id"], **given)
    networking.change(f"ports/{made['id']}", "port", **given)


def test_addresses_of_ports_as_filters(networking: Networking) -> None:
    rows = networking.rows
    address = PortAddress(subnet_id=ID, address="10.0.0.9")
    here = rows.put(NetworkKind.PORT, network_id=ID, project_id="p1", mac="m", addresses=[address])
    rows.put(NetworkKind.PORT, network_id=ID, project_id="p1", mac="m")
    for query in ("ip_address=10.0.0.9", f"subnet_id={ID}"):
        found = networking.get(f"/ports?fixed_ips={query}")["ports"]
        assert [each["id"] for each in found] == [here.id]
    both = networking.get(f"/ports?fixed_ips=ip_address=10.0.0.9&fixed_ips=subnet_id={ID}")
    assert len(both["ports"]) == 1
    assert networking.refused("GET", "/ports?fixed_ips=10.0.0.9")[0] == 400


def test_floating_ips(networking: Networking) -> None:
    made = networking.make(
        "floatingips", "floatingip", floating_network_id=ID, subnet_id=ID, port_id=None
    )
    assert networking.rows.calls[-1][1] == {"network_id": ID, "subnet_id": ID, "port_id": None}
    assert (made["floating_ip_address"], made["router_id"]) == ("192.0.2.1", None)
    assert "subnet_id" not in made
    assert made["floating_network_id"] == ID
    path = f"floatingips/{made['id']}"
    changed = networking.change(path, "floatingip", port_id=ID, fixed_ip_address="10.0.0.9")
    assert (changed["port_id"], changed["fixed_ip_address"]) == (ID, "10.0.0.9")
    given = {"floatingip": {"floating_network_id": ID, "floating_ip_address": "192.0.2.9"}}
    assert networking.refused("POST", "/floatingips", given)[0] == 403
    assert networking.admin.call("POST", "/v2.0/floatingips", given).status == 201


def test_security_groups(networking: Networking) -> None:
    group = networking.make("security-groups", "security_group", name="web", stateful=True)
    assert networking.rows.calls[-1][1] == {"name": "web"}
    assert (group["security_group_rules"], group["stateful"]) == ([], True)
    rule = networking.make(
        "security-group-rules",
        "security_group_rule",
        security_group_id=group["id"],
        direction="ingress",
        ethertype="ipv4",
        protocol=6,
        port_range_min="80",
        port_range_max=80,
        remote_ip_prefix="0.0.0.0/0",
    )
    assert networking.rows.calls[-1][1] == {
        "group_id": group["id"],
        "direction": "ingress",
        "version": 4,
        "protocol": "tcp",
        "port_min": 80,
        "port_max": 80,
        "remote_cidr": "0.0.0.0/0",
    }
    assert (rule["ethertype"], rule["protocol"], rule["port_range_min"]) == ("IPv4", "tcp", 80)
    rows = networking.rows
    kept = rows.kept[NetworkKind.SECURITY_GROUP][group["id"]]
    inner = rows.kept[NetworkKind.SECURITY_GROUP_RULE][rule["id"]]
    rows.change(kept, NetworkKind.SECURITY_GROUP, rules=[inner])
    shown = networking.get(f"/security-groups/{group['id']}")["security_group"]
    assert shown["security_group_rules"] == [rule]
    answer = networking.call("PUT", f"/v2.0/security-group-rules/{rule['id']}", {})
    assert (answer.status, answer.header("Allow")) == (405, "GET, DELETE")


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (" TCP ", "tcp"),
        ("icmpv6", "ipv6-icmp"),
        ("ANY", None),
        (None, None),
        ("17", "udp"),
        (89, "89"),
    ],
)
def test_protocols(networking: Networking, given: Any, sent: Any) -> None:
    networking.make(
        "security-group-rules",
        "security_group_rule",
        security_group_id=ID,
        direction="egress",
        protocol=given,
    )
    assert networking.rows.calls[-1][1]["protocol"] == sent


@pytest.mark.parametrize("given", ["\u00b2", "x" * 41, 256, True, 1.5, ["tcp"]])
def test_protocols_that_are_refused(networking: Networking, given: Any) -> None:
    rule = {"security_group_id": ID, "direction": "egress", "protocol": given}
    body = {"security_group_rule": rule}
    assert networking.refused("POST", "/security-group-rules", body)[0] == 400


def test_nothing_said_of_the_provider(networking: Networking) -> None:
    names = ("network_type", "physical_network", "segmentation_id")
    networking.network(**{f"provider:{name}": None for name in names})
    assert networking.rows.calls[-1][1] == {}


def test_filters(networking: Networking) -> None:
    for name in ("a", "b", "c"):
        networking.network(name=name)
    networking.admin.network(name="d", shared=True)

    def names(query: str) -> list[str]:
        found = networking.get(f"/networks?sort_key=name&{query}")["networks"]
        return [each["name"] for each in found]

    assert names("name=a&name=c") == ["a", "c"]
    assert names("shared=True") == ["d"]
    assert names("tenant_id=p1&name=a") == names("project_id=p1&name=a") == ["a"]
    assert names("status=ACTIVE&name=b") == ["b"]
    assert names("status=DOWN") == []
    assert names("tags=x") == []
    assert names("not-tags=x&name=a") == ["a"]
    assert names("sort_dir=desc") == ["d", "c", "b", "a"]
    assert names("admin_state_up=true&name=a") == ["a"]
    message = networking.refused("GET", "/networks?colour=red")[2]
    assert message == "['colour'] is invalid attribute for filtering"
    assert networking.refused("GET", "/networks?shared=maybe")[0] == 400


def test_fields(networking: Networking) -> None:
    made = networking.network(name="a")
    found = networking.get("/networks?fields=id&fields=name")["networks"]
    assert found == [{"id": made["id"], "name": "a"}]
    found = networking.get(f"/networks/{made['id']}?fields=tenant_id&fields=status")["network"]
    assert found == {"tenant_id": "p1", "status": "ACTIVE"}


def test_pages(networking: Networking) -> None:
    for name in "abcde":
        networking.network(name=name)
    url = "/v2.0/networks?limit=2&sort_key=name&sort_dir=asc&fields=name"
    seen = []
    while url:
        answer = networking.client.get(f"/network{url}").json
        seen.append("".join(each["name"] for each in answer["networks"]))
        links = answer.get("networks_links", [{"href": "/network"}])
        url = links[0]["href"].partition("/network")[2]
    assert seen == ["ab", "cd", "e"]
    assert networking.refused("GET", f"/networks?marker={ID}")[:2] == (400, "InvalidInput")
    assert "forwards only" in networking.refused("GET", "/networks?page_reverse=True")[2]
    networking.get("/networks?page_reverse=false&limit=0")


@pytest.mark.parametrize(
    "query", ["limit=-1", "limit=x", "sort_key=colour", "sort_key=name&sort_dir=up",
              "sort_key=name&sort_key=id&sort_dir=asc", "page_reverse=x"],
)  # fmt: skip
def test_pages_that_are_refused(networking: Networking, query: str) -> None:
    assert networking.refused("GET", f"/networks?{query}")[0] == 400


def test_discovery() -> None:
    networking = build().as_user(None)
    answer = networking.call("GET", "/")
    assert answer.status == 200
    (version,) = answer.json["versions"]
    assert (version["id"], version["status"]) == ("v2.0", "CURRENT")
    assert version["links"][0]["href"] == "http://cloud.example:8774/network/v2.0/"
    assert networking.call("GET", "/v2.0").status == 401


def test_what_is_in_it(networking: Networking) -> None:
    names = {each["collection"] for each in networking.get("/")["resources"]}
    assert names == {kind.many for kind in KINDS}
    aliases = {each["alias"] for each in networking.get("/extensions")["extensions"]}
    assert {"security-group", "external-net", "provider", "port-security"} <= aliases
    assert networking.get("/extensions/quotas")["extension"]["alias"] == "quotas"
    assert networking.refused("GET", "/extensions/router")[:2] == (404, "HTTPNotFound")


def test_quotas(networking: Networking) -> None:
    networking.network()
    assert networking.get("/quotas/p1")["quota"] == {"network": 10, "port": 50}
    details = networking.get("/quotas/p1/details.json")["quota"]
    assert details["network"] == {"limit": 10, "used": 1, "reserved": 0}
    assert networking.get("/quotas/p1/default")["quota"]["network"] == 10
    assert networking.refused("GET", "/quotas/p2")[0] == 403
    details = networking.admin.get("/quotas/p2/details")["quota"]
    assert details["network"]["used"] == 0
    assert networking.admin.get("/quotas") == {"quotas": []}
    status, _, message = networking.admin.refused("PUT", "/quotas/p1", {"quota": {"network": 1}})
    assert status == 501 and "[network] quotas" in message
    # None has limits of its own that could be deleted: clients go on.
    assert networking.refused("DELETE", "/quotas/p1")[:2] == (404, "HTTPNotFound")
    assert networking.refused("DELETE", "/quotas/p2")[0] == 403


def test_what_is_not_here(networking: Networking) -> None:
    assert networking.get("/routers") == {"routers": []}
    assert networking.get("/availability_zones") == {"availability_zones": []}
    assert networking.admin.get("/agents") == {"agents": []}
    status, _, message = networking.refused("POST", "/routers", {"router": {}})
    assert status == 501 and "routers" in message
    assert "no trunks" in networking.refused("GET", "/trunks")[2]
    assert networking.refused("GET", "/colours")[:2] == (404, "HTTPNotFound")
    made = networking.network()
    assert "no tags" in networking.refused("PUT", f"/networks/{made['id']}/tags")[2]
    answer = networking.call("DELETE", "/v2.0/networks")
    assert (answer.status, answer.header("Allow")) == (405, "GET, POST")


def test_networks_of_somebody_else() -> None:
    """With another back end there is no such API."""
    client = build(network__backend="none").client
    assert client.get("/network/").status == 404
    assert client.get("/network/v2.0/networks").status == 404


def test_the_conductor_is_away() -> None:
    networking = build(BrokenRows())
    assert networking.refused("GET", "/networks")[:2] == (503, "ServiceUnavailable")


def test_one_call_for_a_list(networking: Networking) -> None:
    networking.get("/networks?name=a&limit=5&sort_key=name&sort_dir=desc")
    assert networking.rows.calls == [
        (
            "list",
            NetworkQuery(
                kind=NetworkKind.NETWORK,
                filters={"name": ["a"]},
                sort=[("name", True)],
                limit=5,
            ),
        )
    ]
