# SPDX-License-Identifier: Apache-2.0
"""Servers through the whole service: create, list, show, change, delete."""

import itertools
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from nova_lite.api.resources.servers.schema import SORT_KEYS
from tests.fixtures.cloud import Cloud
from tests.fixtures.wsgi_client import WsgiClient

UNKNOWN = "6f70656e-7374-41b6-b2d6-e6f76612d6c0"
_projects = itertools.count(1)


@pytest.fixture
def project() -> str:
    """A project that nobody else uses."""
    return f"project{next(_projects)}"


@pytest.fixture
def member(cloud: Cloud, project: str) -> WsgiClient:
    return cloud.client("alice", project, "member")


def body(cloud: Cloud, **fields: Any) -> dict[str, Any]:
    given = {
        "name": "s",
        "flavorRef": cloud.flavor(),
        "imageRef": cloud.image(),
        "networks": "none",
        **fields,
    }
    return {"server": {name: value for name, value in given.items() if value is not ...}}


def names(answer: Any) -> list[str]:
    assert answer.status == 200, answer.body
    return [server["name"] for server in answer.json["servers"]]


# --- create ------------------------------------------------------------------------------


def test_create_and_show(cloud: Cloud, member: WsgiClient, project: str) -> None:
    made = member.post(
        "/v2.1/servers",
        body(
            cloud,
            name="web-1",
            description="the first",
            metadata={"k": "v"},
            tags=["blue"],
            hostname="web-1",
            adminPass="secret",
            config_drive="true",
        ),
    )
    assert made.status == 202, made.body
    created = made.json["server"]
    assert created["adminPass"] == "secret"
    assert created["security_groups"] == [{"name": "default"}]
    assert made.header("Location") == created["links"][0]["href"]
    cloud.wait_for_status(created["id"], "ACTIVE")
    shown = member.get(str(made.header("Location"))).json["server"]
    assert shown["name"] == "web-1" and shown["description"] == "the first"
    assert (shown["tenant_id"], shown["user_id"]) == (project, "alice")
    assert shown["metadata"] == {"k": "v"} and shown["tags"] == ["blue"]
    assert shown["config_drive"] == "True"
    assert shown["OS-EXT-SRV-ATTR:hostname"] == "web-1"
    assert shown["status"] == "ACTIVE" and shown["OS-EXT-STS:power_state"] == 1
    assert len(shown["hostId"]) == 56
    assert "OS-EXT-SRV-ATTR:host" not in shown
    inner = cloud.admin.get(f"/v2.1/servers/{created['id']}").json["server"]
    assert inner["OS-EXT-SRV-ATTR:host"] and inner["host_status"] == "UP"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"flavorRef": "nix"}, "Flavor nix could not be found."),
        ({"imageRef": UNKNOWN}, "Can not find requested image"),
        ({"imageRef": ...}, "Missing imageRef attribute"),
        ({"min_count": 2, "max_count": 1}, "min_count must be <= max_count"),
    ],
)
def test_what_is_not_there_makes_the_body_wrong(
    cloud: Cloud, member: WsgiClient, fields: dict[str, Any], message: str
) -> None:
    answer = member.post("/v2.1/servers", body(cloud, **fields))
    assert answer.status == 400
    assert answer.fault == ("badRequest", message)


def test_an_unknown_key_pair_is_400(cloud: Cloud, member: WsgiClient) -> None:
    answer = member.post("/v2.1/servers", body(cloud, key_name="nix"))
    assert answer.status == 400, answer.body


def test_several_at_once(cloud: Cloud, member: WsgiClient) -> None:
    made = member.post(
        "/v2.1/servers", body(cloud, name="many", max_count="3", return_reservation_id="true")
    )
    assert made.status == 202, made.body
    reservation = made.json["reservation_id"]
    found = member.get(f"/v2.1/servers?reservation_id={reservation}")
    assert sorted(names(found)) == ["many-1", "many-2", "many-3"]


def test_a_forced_host_is_for_administrators(cloud: Cloud, member: WsgiClient) -> None:
    given = body(cloud, availability_zone="nova:somewhere")
    answer = member.post("/v2.1/servers", given)
    assert answer.status == 403
    assert "create:forced_host" in answer.fault[1]


def test_no_host_that_is_good(cloud: Cloud, member: WsgiClient) -> None:
    huge = cloud.flavor(vcpus=1000)
    made = member.post("/v2.1/servers", body(cloud, flavorRef=huge)).json["server"]["id"]
    shown = cloud.wait_for_status(made, "ERROR")
    assert shown["fault"]["code"] == 500
    assert shown["fault"]["message"].startswith("No valid host was found.")
    explained = member.get(f"/v2.1/servers/{made}/explain")
    assert explained.status == 200, explained.body
    found = explained.json["explanation"]
    assert found["server_id"] == made and found["hosts_considered"] == 1
    assert sum(found["hosts_refused"].values()) == 1
    (check,) = found["checks"]
    assert check["check"] in found["hosts_refused"]
    assert "hosts" not in found
    (verdict,) = cloud.admin.get(f"/v2.1/servers/{made}/explain").json["explanation"]["hosts"]
    assert verdict["host"]
    assert verdict["host"] not in explained.body.decode()


def test_nothing_to_explain(cloud: Cloud, project: str) -> None:
    server = cloud.server(project=project)
    assert cloud.admin.get(f"/v2.1/servers/{server}/explain").status == 404


# --- other projects ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("GET", "", None),
        ("PUT", "", {"server": {"name": "x"}}),
        ("DELETE", "", None),
        ("GET", "/explain", None),
        ("GET", "/os-instance-actions", None),
        ("POST", "/action", {"os-stop": None}),
        ("POST", "/action", {"os-getConsoleOutput": {}}),
    ],
)
def test_a_server_of_another_project_is_not_found(
    cloud: Cloud, project: str, method: str, path: str, sent: Any
) -> None:
    server = cloud.server(project=project)
    stranger = cloud.client("eve", "elsewhere", "member")
    answer = stranger.request(method, f"/v2.1/servers/{server}{path}", sent)
    assert answer.status == 404
    assert answer.fault == ("itemNotFound", f"Instance {server} could not be found.")
    assert cloud.admin.get(f"/v2.1/servers/{server}").status == 200


def test_lists_show_the_own_project(cloud: Cloud, member: WsgiClient, project: str) -> None:
    cloud.server(project=project, name="mine")
    cloud.server(project=f"{project}x", name="theirs")
    assert names(member.get("/v2.1/servers")) == ["mine"]
    assert names(member.get(f"/v2.1/servers?tenant_id={project}x")) == ["mine"]
    assert member.get("/v2.1/servers?all_tenants=1").status == 403
    everything = names(cloud.admin.get("/v2.1/servers/detail?all_tenants=1"))
    assert {"mine", "theirs"} <= set(everything)
    found = cloud.admin.get(f"/v2.1/servers?all_tenants=1&project_id={project}x")
    assert names(found) == ["theirs"]


# --- lists -------------------------------------------------------------------------------


@pytest.fixture
def five(cloud: Cloud, project: str) -> list[str]:
    """The ids of a to e, in the order they were made."""
    return [cloud.server(project=project, name=name, tags=[name]) for name in "abcde"]


@pytest.mark.parametrize("path", ["/v2.1/servers", "/v2.1/servers/detail"])
def test_every_sort_key(cloud: Cloud, five: list[str], project: str, path: str) -> None:
    """In pages, so that the values of the marker are looked up as well."""
    admin = cloud.client("root", project, "admin")
    for key in SORT_KEYS:
        url = f"{path}?sort_key={key}&limit=3"
        first = admin.get(url)
        assert first.status == 200, (key, first.body)
        last = first.json["servers"][-1]["id"]
        seen = names(first) + names(admin.get(f"{url}&marker={last}"))
        assert sorted(seen) == list("abcde"), key


def test_order(member: WsgiClient, five: list[str]) -> None:
    assert names(member.get("/v2.1/servers")) == list("edcba")
    assert names(member.get("/v2.1/servers?sort_dir=asc")) == list("abcde")
    answer = member.get("/v2.1/servers/detail?sort_key=display_name&sort_dir=desc")
    assert names(answer) == list("edcba")
    assert member.get("/v2.1/servers?sort_key=nix").status == 400
    assert member.get("/v2.1/servers?sort_key=host").status == 403


@pytest.mark.parametrize("path", ["/v2.1/servers", "/v2.1/servers/detail"])
def test_pages(member: WsgiClient, five: list[str], path: str) -> None:
    seen, url, pages = [], f"{path}?limit=2&sort_key=display_name&sort_dir=asc", 0
    while url:
        answer = member.get(url)
        seen += names(answer)
        pages += 1
        links = answer.json.get("servers_links")
        assert (links is not None) == (len(answer.json["servers"]) == 2)
        url = links[0]["href"] if links else ""
        if url:
            assert parse_qs(urlsplit(url).query)["limit"] == ["2"]
    assert seen == list("abcde") and pages == 3


def test_limits(member: WsgiClient, five: list[str]) -> None:
    assert names(member.get("/v2.1/servers?limit=0")) == []
    assert len(names(member.get("/v2.1/servers?limit=4"))) == 4
    assert member.get("/v2.1/servers?limit=-1").status == 400
    assert member.get(f"/v2.1/servers?marker={UNKNOWN}").status == 400
    assert names(member.get(f"/v2.1/servers?marker={five[1]}")) == ["a"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("name=c", "c"),
        ("name=[ab]", "ba"),
        ("status=ACTIVE", "edcba"),
        ("status=active&status=error", "edcba"),
        ("status=SHUTOFF", ""),
        ("tags=a", "a"),
        ("tags-any=a,b", "ba"),
        ("not-tags=a", "edcb"),
        ("not-tags-any=a,b", "edc"),
        ("vm_state=active", "edcba"),
        ("power_state=1&task_state=spawning", ""),
        ("flavor=nix", ""),
        ("locked=false", "edcba"),
        ("locked=true", ""),
        ("availability_zone=nova", "edcba"),
        ("hostname=c", "c"),
        ("host=nowhere", "edcba"),  # not for members: not looked at
        ("changes-since=2020-01-01T00:00:00Z", "edcba"),
        ("changes-before=2020-01-01T00:00:00Z", ""),
    ],
)
def test_filters(member: WsgiClient, five: list[str], query: str, found: str) -> None:
    assert names(member.get(f"/v2.1/servers/detail?{query}")) == list(found)


def test_an_unknown_status(member: WsgiClient) -> None:
    assert names(member.at("2.37").get("/v2.1/servers?status=nix")) == []
    assert member.at("2.38").get("/v2.1/servers?status=nix").status == 400


def test_deleted_servers(cloud: Cloud, member: WsgiClient, project: str) -> None:
    server = cloud.server(project=project, name="gone")
    assert member.delete(f"/v2.1/servers/{server}").status == 204
    cloud.wait_until_gone(server)
    assert names(member.get("/v2.1/servers")) == []
    changed = member.get("/v2.1/servers/detail?changes-since=2020-01-01")
    assert [s["status"] for s in changed.json["servers"]] == ["DELETED"]
    assert member.get("/v2.1/servers?status=deleted").status == 403
    of_all = f"all_tenants=1&project_id={project}"
    assert names(cloud.admin.get(f"/v2.1/servers?{of_all}&deleted=true")) == ["gone"]
    assert names(cloud.admin.get(f"/v2.1/servers?{of_all}&status=deleted")) == ["gone"]
    assert names(cloud.admin.get(f"/v2.1/servers?{of_all}")) == []
    assert member.delete(f"/v2.1/servers/{server}").status == 404


# --- changes -----------------------------------------------------------------------------


def test_update(cloud: Cloud, member: WsgiClient, project: str) -> None:
    server = cloud.server(project=project)
    given = {
        "name": "new",
        "description": "d",
        "hostname": "new.example.org",
        "accessIPv4": "192.0.2.1",
        "accessIPv6": "2001:db8::1",
        "OS-DCF:diskConfig": "AUTO",
    }
    changed = member.put(f"/v2.1/servers/{server}", {"server": given})
    assert changed.status == 200, changed.body
    for shown in (changed.json["server"], member.get(f"/v2.1/servers/{server}").json["server"]):
        assert {name: shown[name] for name in given if name != "hostname"} == {
            name: value for name, value in given.items() if name != "hostname"
        }
        assert shown["OS-EXT-SRV-ATTR:hostname"] == "new.example.org"
    unset = member.put(f"/v2.1/servers/{server}", {"server": {"description": None}})
    assert unset.json["server"]["description"] is None
    assert unset.json["server"]["name"] == "new"


def test_the_zone_can_be_pinned(cloud: Cloud, member: WsgiClient, project: str) -> None:
    server = cloud.server(project=project, availability_zone="nova")
    url = f"/v2.1/servers/{server}"
    assert member.get(url).json["server"]["pinned_availability_zone"] == "nova"
    assert (
        member.put(url, {"server": {"pinned_availability_zone": None}}).json["server"][
            "pinned_availability_zone"
        ]
        is None
    )
    refused = member.put(url, {"server": {"pinned_availability_zone": "mars"}})
    assert refused.status == 409
    again = member.put(url, {"server": {"pinned_availability_zone": "nova"}})
    assert again.json["server"]["pinned_availability_zone"] == "nova"
    older = member.at("2.103").put(url, {"server": {"pinned_availability_zone": None}})
    assert older.status == 400


def test_quota(cloud: Cloud, member: WsgiClient, project: str) -> None:
    limits = {"quota_set": {"instances": 1}}
    assert cloud.admin.put(f"/v2.1/os-quota-sets/{project}", limits).status == 200
    cloud.server(project=project)
    answer = member.post("/v2.1/servers", body(cloud))
    assert answer.fault == (
        "forbidden",
        "Quota exceeded for instances: Requested 1, but already used 1 of 1 instances",
    )
