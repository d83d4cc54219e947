# SPDX-License-Identifier: Apache-2.0
"""Links to consoles, and what their tokens are for."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from nova_lite.api.middleware.requestlog import request_uri
from tests.fixtures.cloud import Cloud
from tests.fixtures.wsgi_client import Response

PROJECT = "consoles"


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    made = Cloud(hosts=1, serial_console__enabled=True, spice__enabled=True)
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="module")
def server(cloud: Cloud) -> str:
    return cloud.server(project=PROJECT)


def ask(
    cloud: Cloud,
    server: str,
    protocol: str,
    kind: str,
    version: str = "2.104",
    role: str = "member",
) -> Response:
    body = {"remote_console": {"protocol": protocol, "type": kind}}
    caller = cloud.client("u1", PROJECT, role, version)
    return caller.post(f"/v2.1/servers/{server}/remote-consoles", body)


def act(cloud: Cloud, server: str, body: Any, version: str = "2.1") -> Response:
    caller = cloud.client("u1", PROJECT, "member", version)
    return caller.post(f"/v2.1/servers/{server}/action", body)


def token_of(url: str) -> str:
    query = parse_qs(urlsplit(url).query)
    return (
        parse_qs(urlsplit(query["path"][0]).query)["token"][0]
        if "path" in query
        else query["token"][0]
    )


def look(cloud: Cloud, token: str, version: str = "2.104", query: str = "") -> Response:
    return cloud.client(version=version).get(f"/v2.1/os-console-auth-tokens/{token}{query}")


@pytest.mark.parametrize(
    ("protocol", "kind", "base"),
    [
        ("vnc", "novnc", "http://127.0.0.1:6080/vnc_auto.html?path=%3Ftoken%3D"),
        ("spice", "spice-html5", "http://127.0.0.1:6082/spice_auto.html?token="),
        ("spice", "spice-direct", "http://127.0.0.1:13002/nova?token="),
        ("serial", "serial", "ws://127.0.0.1:6083/?token="),
    ],
)
def test_links(cloud: Cloud, server: str, protocol: str, kind: str, base: str) -> None:
    answer = ask(cloud, server, protocol, kind)
    assert answer.status == 200, answer.body
    console = answer.json["remote_console"]
    assert (console["protocol"], console["type"]) == (protocol, kind)
    assert console["url"].startswith(base) and len(token_of(console["url"])) == 48
    again = ask(cloud, server, protocol, kind).json["remote_console"]
    assert again["url"] != console["url"]


@pytest.mark.parametrize(
    ("protocol", "kind"),
    [
        ("vnc", "serial"),
        ("serial", "novnc"),
        ("vnc", "xvpvnc"),
        ("rdp", "rdp-html5"),
        ("mks", "webmks"),
    ],
)
def test_what_nobody_has(cloud: Cloud, server: str, protocol: str, kind: str) -> None:
    answer = ask(cloud, server, protocol, kind)
    assert (answer.status, answer.fault[1]) == (400, f"Unavailable console type {kind}.")


def test_words_of_each_microversion(cloud: Cloud, server: str) -> None:
    assert ask(cloud, server, "vnc", "novnc", "2.5").status == 404
    assert ask(cloud, server, "vnc", "novnc", "2.6").status == 200
    assert "Invalid input" in ask(cloud, server, "mks", "webmks", "2.7").fault[1]
    assert "Unavailable" in ask(cloud, server, "mks", "webmks", "2.8").fault[1]
    assert "Invalid input" in ask(cloud, server, "spice", "spice-direct", "2.98").fault[1]
    assert ask(cloud, server, "spice", "spice-direct", "2.99").status == 200
    for wrong in ({}, {"protocol": "vnc"}, {"type": "novnc"}, None):
        caller = cloud.client("u1", PROJECT, "member")
        body = {"remote_console": wrong}
        assert caller.post(f"/v2.1/servers/{server}/remote-consoles", body).status == 400


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ("os-getVNCConsole", "novnc"),
        ("os-getSPICEConsole", "spice-html5"),
        ("os-getSerialConsole", "serial"),
    ],
)
def test_the_actions_of_before(cloud: Cloud, server: str, action: str, kind: str) -> None:
    answer = act(cloud, server, {action: {"type": kind}}, "2.5")
    assert answer.status == 200, answer.body
    console = answer.json["console"]
    assert set(console) == {"type", "url"} and console["type"] == kind
    assert act(cloud, server, {action: {"type": kind}}, "2.6").status == 404
    assert act(cloud, server, {action: {"type": "nothing"}}).status == 400


def test_the_action_for_a_type_that_is_no_more(cloud: Cloud, server: str) -> None:
    answer = act(cloud, server, {"os-getVNCConsole": {"type": "xvpvnc"}})
    assert (answer.status, answer.fault[1]) == (400, "Unavailable console type xvpvnc.")


def test_a_server_that_is_off_has_no_console(cloud: Cloud) -> None:
    server = cloud.server(project=PROJECT)
    act(cloud, server, {"os-stop": None})
    cloud.wait_for_status(server, "SHUTOFF")
    answer = ask(cloud, server, "vnc", "novnc")
    assert answer.status == 409 and "not ready" in answer.fault[1]


def test_readers_and_strangers_get_none(cloud: Cloud, server: str) -> None:
    assert ask(cloud, server, "vnc", "novnc", role="reader").status == 403
    stranger = cloud.client("u2", "elsewhere", "member")
    body = {"remote_console": {"protocol": "vnc", "type": "novnc"}}
    assert stranger.post(f"/v2.1/servers/{server}/remote-consoles", body).status == 404


def test_a_host_without_that_console(cloud: Cloud, server: str) -> None:
    cloud.conf.set_override("enabled", False, "vnc")
    try:
        answer = ask(cloud, server, "vnc", "novnc")
    finally:
        cloud.conf.clear_override("enabled", "vnc")
    assert (answer.status, answer.fault[1]) == (400, "Unavailable console type novnc.")


def test_the_log_of_requests_has_no_tokens() -> None:
    environ = {"PATH_INFO": "/v2.1/os-console-auth-tokens/5ecre7", "QUERY_STRING": "a=b"}
    assert request_uri(environ) == "/v2.1/os-console-auth-tokens/***?a=b"


def test_tokens_are_shown_to_administrators(cloud: Cloud, server: str) -> None:
    token = token_of(ask(cloud, server, "vnc", "novnc").json["remote_console"]["url"])
    shown = look(cloud, token).json["console"]
    assert 0 < shown.pop("port") < 1 << 16
    assert shown == {
        "instance_uuid": server,
        "host": "127.0.0.1",
        "tls_port": None,
        "internal_access_path": None,
    }
    assert "tls_port" not in look(cloud, token, "2.98").json["console"]
    assert look(cloud, token, "2.98", "?a=b").status == 200
    assert look(cloud, token, "2.99", "?a=b").status == 400
    assert look(cloud, token, "2.30").status == 401
    for version in ("2.30", "2.31", "2.104"):
        assert look(cloud, "0" * 48, version).status == 404
    member = cloud.client("u1", PROJECT, "member")
    assert member.get(f"/v2.1/os-console-auth-tokens/{token}").status == 403
