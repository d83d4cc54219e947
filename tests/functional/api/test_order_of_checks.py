# SPDX-License-Identifier: Apache-2.0
"""What is answered to requests that are wrong, and what is noticed first."""

from typing import Any

import pytest

from tests.fixtures.cloud import Cloud
from tests.fixtures.wsgi_client import Response, WsgiClient

UNKNOWN = "6f70656e-7374-41b6-b2d6-e6f76612d6c0"
VERSION_HEADERS = ("OpenStack-API-Version", "X-OpenStack-Nova-API-Version")


@pytest.fixture
def admin(cloud: Cloud) -> WsgiClient:
    return cloud.admin


def versions(answer: Response) -> list[str]:
    return [answer.header(name) or "" for name in VERSION_HEADERS]


# --- in the order of the checks ----------------------------------------------------------


def test_a_token_is_asked_for_first(admin: WsgiClient) -> None:
    answer = admin.as_user(None).at("abc").get("/v2.1/nothing")
    assert answer.status == 401
    assert answer.header("WWW-Authenticate")
    assert "text/plain" in str(answer.header("Content-Type"))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v2.1/nothing"),
        ("PATCH", "/v2.1/servers"),
        ("DELETE", "/v2.1/servers"),
        ("GET", f"/v2.1/servers/{UNKNOWN}/action"),
        ("GET", "/v2.1/servers/"),
        ("GET", "/v2.1/other-project!/servers"),
    ],
)
def test_then_route_and_method(admin: WsgiClient, method: str, path: str) -> None:
    answer = admin.at("abc").request(method, path)
    assert answer.status == 404
    assert answer.header("Content-Type") == "text/plain; charset=UTF-8"
    assert versions(answer) == ["", ""]
    asked = admin.request(method, path, headers={"Accept": "application/json"})
    assert asked.status == 404
    assert set(asked.json) == {"message", "code", "title"}
    assert asked.json["code"] == "404 Not Found"


def test_then_the_version(admin: WsgiClient) -> None:
    bad = admin.at("abc").post("/v2.1/servers", raw=b"{", headers={"Content-Type": "text/plain"})
    assert bad.status == 400
    assert bad.fault == (
        "badRequest",
        "API Version String abc is of invalid format. Must be of format MajorNum.MinorNum.",
    )
    assert versions(bad) == ["", ""]
    beyond = admin.at("2.999").get("/v2.1/servers")
    assert beyond.status == 406
    assert beyond.fault[0] == "computeFault"
    assert versions(beyond) == ["compute 2.999", "2.999"]


def test_then_the_content_type(admin: WsgiClient) -> None:
    answer = admin.post("/v2.1/servers", raw=b"{", headers={"Content-Type": "text/plain"})
    assert answer.status == 415
    assert answer.fault == ("badMediaType", "Unsupported Content-Type")


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "APPLICATION/JSON",
                                  "application/vnd.openstack.compute+json"])  # fmt: skip
def test_content_types_that_are_good(admin: WsgiClient, kind: str) -> None:
    answer = admin.post("/v2.1/servers", raw=b"{}", headers={"Content-Type": kind})
    assert answer.fault == ("badRequest", "'server' is a required property")


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"nothing",
        b"{'a': 1}",
        b"\xff",
        b'{"a": NaN}',
        b"[" * 100_000,
        b'{"server": {"name": "a\\u0000"}}',
        b'{"os:scheduler_hints": {"a": [{"b": 123456789012345678901234567890}]}}',
        b'"\\ud800"',
    ],
)
def test_then_the_json(admin: WsgiClient, raw: bytes) -> None:
    answer = admin.post("/v2.1/servers", raw=raw)
    assert answer.status == 400
    assert answer.fault == ("badRequest", "Malformed request body")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "Malformed request body"),
        ([], "Malformed request body"),
        ("pause", "Malformed request body"),
        (None, "Malformed request body"),
        ({"pause": None, "unpause": None}, "Malformed request body"),
        ({"nothing": None}, "There is no such action: nothing"),
        ({"resize": {}}, "There is no such action: resize"),
    ],
)
def test_and_the_name_of_the_action(admin: WsgiClient, body: Any, message: str) -> None:
    answer = admin.post(f"/v2.1/servers/{UNKNOWN}/action", body)
    assert answer.status == 400
    assert answer.fault == ("badRequest", message)


def test_then_the_project_of_the_url(admin: WsgiClient) -> None:
    answer = admin.post("/v2.1/abc/servers", {})
    assert answer.fault == (
        "badRequest",
        "Malformed request URL: URL's project_id 'abc' doesn't match Context's project_id 'admin'",
    )


def test_then_whether_the_version_has_the_call(cloud: Cloud) -> None:
    reader = cloud.client("u", "p", "reader")
    answer = reader.at("2.54").put("/v2.1/flavors/x", {})
    assert answer.status == 404
    assert answer.fault == ("itemNotFound", "The resource could not be found.")
    assert versions(answer) == ["compute 2.54", "2.54"]


def test_then_the_schema_before_the_rights(cloud: Cloud) -> None:
    reader = cloud.client("u", "p", "reader")
    assert reader.post("/v2.1/servers", {}).status == 400
    assert reader.get("/v2.1/servers?limit=x").status == 400
    body = {"server": {"name": "n", "flavorRef": "1", "imageRef": "", "networks": "none"}}
    refused = reader.post("/v2.1/servers", body)
    assert refused.fault == (
        "forbidden",
        "Policy doesn't allow os_compute_api:servers:create to be performed.",
    )


def test_then_the_server_before_the_rights(cloud: Cloud) -> None:
    reader = cloud.client("u", "p", "reader")
    answer = reader.post(f"/v2.1/servers/{UNKNOWN}/action", {"pause": None})
    assert answer.status == 404
    assert answer.fault == ("itemNotFound", f"Instance {UNKNOWN} could not be found.")


def test_rights_on_a_server_before_its_state(cloud: Cloud) -> None:
    server = cloud.server(project="p-rights")
    reader = cloud.client("u", "p-rights", "reader")
    answer = reader.post(f"/v2.1/servers/{server}/action", {"unpause": None})
    assert answer.status == 403
    member = cloud.client("u", "p-rights", "member")
    answer = member.post(f"/v2.1/servers/{server}/action", {"unpause": None})
    assert answer.status == 409
    assert answer.fault == (
        "conflictingRequest",
        f"Cannot 'unpause' instance {server} while it is in vm_state active",
    )


# --- answers that are good ---------------------------------------------------------------


@pytest.mark.parametrize("version", ["2.1", "2.19", "2.104"])
def test_headers_of_every_answer(admin: WsgiClient, version: str) -> None:
    for path in ("/v2.1/servers", f"/v2.1/servers/{UNKNOWN}"):
        answer = admin.at(version).get(path)
        assert versions(answer) == [f"compute {version}", version]
        assert sorted(answer.all("Vary")) == sorted(VERSION_HEADERS)
        assert answer.header("x-openstack-request-id") == answer.header("x-compute-request-id")
        assert str(answer.header("Content-Type")).startswith("application/json")
        assert answer.header("Content-Length") == str(len(answer.body))


def test_no_version_is_the_oldest(admin: WsgiClient) -> None:
    assert versions(admin.at(None).get("/v2.1/servers")) == ["compute 2.1", "2.1"]


def test_the_older_header(admin: WsgiClient) -> None:
    old = {"X-OpenStack-Nova-API-Version": "2.42"}
    assert versions(admin.at(None).get("/v2.1/servers", headers=old))[1] == "2.42"
    assert versions(admin.at("2.43").get("/v2.1/servers", headers=old))[1] == "2.43"


def test_the_project_may_stand_in_the_url(cloud: Cloud) -> None:
    caller = cloud.client("u", "00ff", "reader")
    answer = caller.get("/v2.1/00ff/flavors/detail?limit=1")
    assert answer.status == 200


@pytest.mark.parametrize("path", ["/v2.1/os-agents", "/v2.1/os-cells/x/capacities",
                                  f"/v2.1/servers/{UNKNOWN}/consoles"])  # fmt: skip
@pytest.mark.parametrize("version", ["2.1", "2.104"])
def test_what_is_gone(admin: WsgiClient, path: str, version: str) -> None:
    answer = admin.at(version).get(path)
    assert answer.status == 410
    assert answer.fault == (
        "computeFault",
        "This resource is no longer available. No forwarding address is given.",
    )


def test_a_body_that_is_too_large(admin: WsgiClient) -> None:
    answer = admin.post("/v2.1/servers", raw=b" " * 114689)
    assert answer.status == 413


@pytest.mark.parametrize("query", ["name=%ff", "name=%00", "launch_index=1.5", "name=" + "(" * 900])
def test_queries_that_cannot_be(admin: WsgiClient, query: str) -> None:
    assert admin.get(f"/v2.1/servers?{query}").status == 400


@pytest.mark.parametrize("query", ["launch_index=99999999999999999999", "limit=" + "9" * 5000,
                                   "image=" + "x" * 3000, "power_state=-1"])  # fmt: skip
def test_queries_that_find_nothing(admin: WsgiClient, query: str) -> None:
    answer = admin.get(f"/v2.1/servers?{query}&name=nothing-is-called-so")
    assert answer.status == 200, answer.body
    assert answer.json["servers"] == []


@pytest.mark.parametrize(
    "name", ["%00", "a%00b", "%ff", "x" * 3000, "%F0%9F%A6%8A", "..", "%2e%2e"]
)
def test_ids_that_cannot_be(admin: WsgiClient, name: str) -> None:
    assert admin.get(f"/v2.1/servers/{name}").status == 404


def test_more_servers_than_anybody_wants(cloud: Cloud) -> None:
    body = {
        "name": "n",
        "flavorRef": cloud.flavor(),
        "imageRef": cloud.image(),
        "networks": "none",
        "min_count": "9" * 40,
    }
    assert cloud.admin.post("/v2.1/servers", {"server": body}).status == 400


# --- without a token ---------------------------------------------------------------------


@pytest.fixture
def nobody(cloud: Cloud) -> WsgiClient:
    return WsgiClient(cloud.api, None, None)


def test_the_list_of_endpoints(nobody: WsgiClient) -> None:
    answer = nobody.get("/")
    assert answer.status == 200
    first, second = answer.json["versions"]
    assert (first["id"], first["status"], first["version"]) == ("v2.0", "DEPRECATED", "")
    assert (second["id"], second["status"]) == ("v2.1", "CURRENT")
    assert (second["min_version"], second["version"]) == ("2.1", "2.104")
    assert second["links"] == [{"rel": "self", "href": "http://cloud.example:8774/v2.1/"}]


@pytest.mark.parametrize("path", ["/v2.1", "/v2.1/"])
def test_the_version_document(nobody: WsgiClient, path: str) -> None:
    answer = nobody.get(path)
    assert answer.status == 200
    assert answer.json == {
        "version": {
            "id": "v2.1",
            "status": "CURRENT",
            "version": "2.104",
            "min_version": "2.1",
            "updated": "2013-07-23T11:33:21Z",
            "links": [
                {"rel": "self", "href": "http://cloud.example:8774/v2.1/"},
                {"rel": "describedby", "type": "text/html", "href": "http://docs.openstack.org/"},
            ],
            "media-types": [
                {
                    "base": "application/json",
                    "type": "application/vnd.openstack.compute+json;version=2.1",
                }
            ],
        }
    }


def test_the_old_endpoint_has_no_microversions(nobody: WsgiClient) -> None:
    found = nobody.get("/v2/").json["version"]
    assert (found["id"], found["version"], found["min_version"]) == ("v2.0", "", "")


def test_other_paths_are_told_the_choices(nobody: WsgiClient) -> None:
    answer = nobody.get("/servers")
    assert answer.status == 300
    hrefs = [choice["links"][0]["href"] for choice in answer.json["choices"]]
    assert hrefs == [
        "http://cloud.example:8774/v2/servers",
        "http://cloud.example:8774/v2.1/servers",
    ]


def test_the_health_check(nobody: WsgiClient) -> None:
    answer = nobody.get("/healthcheck")
    assert (answer.status, answer.body) == (200, b"OK")


# --- /v2 ---------------------------------------------------------------------------------


def test_the_old_endpoint_is_2_1_without_headers(admin: WsgiClient) -> None:
    answer = admin.at("2.999").get("/v2/servers")
    assert answer.status == 200
    assert versions(answer) == ["", ""]


def test_the_old_endpoint_takes_what_2_1_does_not(cloud: Cloud) -> None:
    body = {
        "server": {
            "name": " old ",
            "flavorRef": cloud.flavor(),
            "imageRef": cloud.image(),
            "no_such_key": 1,
        },
        "other": 2,
    }
    assert cloud.admin.at("2.1").post("/v2.1/servers", body).status == 400
    made = cloud.admin.at(None).post("/v2/servers", body)
    assert made.status == 202, made.body
    shown = cloud.admin.at(None).get(f"/v2/servers/{made.json['server']['id']}").json["server"]
    assert shown["name"] == "old"
    assert shown["links"][0]["href"].startswith("http://cloud.example:8774/v2/servers/")
