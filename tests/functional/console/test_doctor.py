# SPDX-License-Identifier: Apache-2.0
"""`nova-lite doctor console`: which step of the way fails."""

import socket
from typing import Any

import pytest

from nova_lite.cli.commands.doctor import Finding
from nova_lite.cli.commands.doctor_console import look
from nova_lite.cli.errors import Refused, Unreachable
from nova_lite.console import room
from nova_lite.console.kinds import NOVNC, SERIAL
from nova_lite.domain.console import ConsoleType
from tests.fixtures.consoles import rfb

QUIET = 2.0  # seconds: hosts are near here


class Api:
    """The two calls that are made, without HTTP. `token`: instead of a good one."""

    def __init__(
        self, consoles: Any, proxy: Any, refusal: str = "", token: str = "", status: str = "ACTIVE"
    ) -> None:
        self._consoles = consoles
        self._place = ":".join(map(str, proxy.address)) if proxy else "127.0.0.1:1"
        self._refusal = refusal
        self._token = token
        self._status = status

    def server(self, wanted: str) -> dict[str, str]:
        if wanted == "nobody":
            raise Refused("no server with name or id 'nobody'", 404)
        return {"id": wanted, "status": self._status}

    def post(self, path: str, body: Any) -> Any:
        if self._refusal == "away":
            raise Unreachable("no answer")
        if self._refusal:
            raise Refused(self._refusal, 409)
        kind = ConsoleType(body["remote_console"]["type"])
        token = self._token or self._consoles.token(kind)
        query = f"path=%3Ftoken%3D{token}" if kind is ConsoleType.NOVNC else f"token={token}"
        scheme = "ws" if kind is ConsoleType.SERIAL else "http"
        return {"remote_console": {"url": f"{scheme}://{self._place}/vnc_auto.html?{query}"}}


def last(consoles: Any, proxy: Any, kind: str = "novnc", **more: Any) -> Finding:
    return list(look(Api(consoles, proxy, **more), consoles.server, kind, QUIET))[-1]


def states(found: list[Finding]) -> list[tuple[str, str]]:
    return [(one.check, one.state) for one in found]


def test_all_is_well(consoles: Any) -> None:
    consoles.listen(rfb())
    found = list(look(Api(consoles, consoles.proxy(NOVNC)), consoles.server, "novnc"))
    steps = ["link", "proxy", "session", "token", "host", "greeting"]
    assert states(found) == [(step, "ok") for step in steps]
    consoles.listen(lambda sock: sock.sendall(b"login: "))
    seen = last(consoles, consoles.proxy(SERIAL), "serial")
    assert (seen.check, seen.seen) == ("console", "it speaks")
    consoles.listen()
    assert "nothing by itself" in last(consoles, consoles.proxy(SERIAL), "serial").seen


def test_the_api_refuses(consoles: Any) -> None:
    found = last(consoles, None, refusal="not ready")
    assert (found.check, found.state, found.seen) == ("link", "problem", "not ready (HTTP 409)")


def test_a_server_that_does_not_run(consoles: Any) -> None:
    found = last(consoles, None, refusal="Instance x is not ready", status="SHUTOFF")
    assert found == Finding("link", "problem", "it is SHUTOFF", "start it")


def test_what_is_no_step_of_the_way(consoles: Any) -> None:
    """Nobody answers, or there is no such server: as with any other command."""
    with pytest.raises(Unreachable):
        last(consoles, None, refusal="away")
    with pytest.raises(Refused, match="no server with name or id 'nobody'"):
        next(look(Api(consoles, None), "nobody", "novnc"))


def test_there_is_no_proxy(consoles: Any) -> None:
    found = last(consoles, None)
    assert (found.check, found.state) == ("proxy", "problem")
    assert "nova-lite-novncproxy" in found.advice


def test_something_else_listens_at_the_link(consoles: Any) -> None:
    class Elsewhere:
        address = ("127.0.0.1", consoles.listen(lambda s: s.sendall(b"SSH-2.0\r\n\r\n")).port)

    found = last(consoles, Elsewhere)
    assert (found.check, found.state) == ("session", "problem")


@pytest.mark.parametrize(
    ("talk", "advice"),
    [(lambda sock: sock.sendall(b"SSH-2.0-something"), "another program"), (rfb(b"\x02"), "auth")],
)
def test_the_host_has_something_else(consoles: Any, talk: Any, advice: str) -> None:
    consoles.listen(talk)
    found = last(consoles, consoles.proxy(NOVNC))
    assert (found.check, found.state) == ("greeting", "problem") and advice in found.advice


@pytest.mark.parametrize(
    ("proxy", "kind", "option"),
    [
        (NOVNC, "novnc", "[vnc] server_listen"),
        (SERIAL, "serial", "[serial_console] proxyclient_address"),
    ],
)
def test_the_host_is_not_reached(consoles: Any, proxy: Any, kind: str, option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        consoles.at(sock.getsockname()[1])
    found = list(look(Api(consoles, consoles.proxy(proxy)), consoles.server, kind, QUIET))
    assert states(found[2:]) == [("session", "ok"), ("token", "ok"), ("host", "problem")]
    assert "cannot be reached" in found[-1].seen and "firewall" in found[-1].advice
    assert option in found[-1].advice


@pytest.mark.parametrize(("proxy", "kind"), [(NOVNC, "novnc"), (SERIAL, "serial")])
def test_the_token_is_refused(consoles: Any, proxy: Any, kind: str) -> None:
    """By a proxy of another cloud, or of another kind of console."""
    made = consoles.proxy(proxy)
    found = list(look(Api(consoles, made, token="0" * 48), consoles.server, kind, QUIET))
    assert states(found[2:]) == [("session", "ok"), ("token", "problem")]
    assert "not known" in found[-1].seen and "another cloud" in found[-1].advice
    other = ConsoleType.SERIAL if kind == "novnc" else ConsoleType.NOVNC
    wrong = consoles.token(other)
    found = list(look(Api(consoles, made, token=wrong), consoles.server, kind, QUIET))
    assert states(found[2:]) == [("session", "ok"), ("token", "problem")]
    assert "not served here" in found[-1].seen and "another one" in found[-1].advice


@pytest.mark.parametrize(("proxy", "kind"), [(NOVNC, "novnc"), (SERIAL, "serial")])
def test_the_proxy_has_no_room(
    consoles: Any, monkeypatch: pytest.MonkeyPatch, proxy: Any, kind: str
) -> None:
    # It has room for so many that they would take the whole test to open.
    monkeypatch.setattr(room, "sessions", lambda: 0)
    found = list(look(Api(consoles, consoles.proxy(proxy)), consoles.server, kind, QUIET))
    assert states(found[1:]) == [("proxy", "ok"), ("session", "problem")]
    assert "too many consoles" in found[-1].seen


def test_the_link_leads_to_the_wrong_proxy(consoles: Any) -> None:
    found = last(consoles, consoles.proxy(SERIAL))
    assert found.state == "problem" and "not served here" in found.seen and found.advice
