# SPDX-License-Identifier: Apache-2.0
"""The relay against guests that do not mean well, over real connections."""

import errno
import hashlib
import hmac
import http.server
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from nova_lite.network import relay as relays
from nova_lite.network.identity import Asker, headers
from nova_lite.network.relay import MOST_BODY, MOST_OF_ONE, Relay
from tests.fixtures.wait import wait_for

NET = "net"


class _Metadata(http.server.BaseHTTPRequestHandler):
    """Says what it was asked."""

    def do_GET(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        told = {"path": self.path, "body": self.rfile.read(size).decode(), **dict(self.headers)}
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Secret", "of the service")
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def metadata() -> Iterator[int]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Metadata)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def listen_by(monkeypatch: pytest.MonkeyPatch, make: Callable[[int, Any], Any]) -> None:
    # untrue, because making it takes root: tests/integration/network has the real one
    monkeypatch.setattr(relays, "_listener", make)


@pytest.fixture
def relay(metadata: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Relay, Any]]:
    """A relay whose listener is on loopback instead of in a namespace."""
    door = socket.create_server(("127.0.0.1", 0))
    made = Relay("127.0.0.1", metadata, "s3cret")
    made.directory = {(NET, "127.0.0.1"): Asker("server", "project")}
    listen_by(monkeypatch, lambda keeper, folder: door)
    made.keep({NET: 1}, None)  # type: ignore[arg-type]
    yield made, door.getsockname()
    made.stop()


def _ask(address: Any, text: str, body: bytes = b"") -> tuple[str, dict[str, str], bytes]:
    """(status line, headers, body) of one exchange."""
    with socket.create_connection(address, 10) as channel:
        channel.sendall(text.replace("\n", "\r\n").encode() + body)
        channel.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: channel.recv(65536), b""))
    head, _, content = answer.partition(b"\r\n\r\n")
    status, *rows = head.decode().split("\r\n")
    return status, dict(row.split(": ", 1) for row in rows), content


def test_headers_of_a_guest_are_not_passed_on(relay):
    status, given, content = _ask(
        relay[1],
        "GET /latest/meta-data?x=1 HTTP/1.0\nX-Instance-ID: other\nX-Instance-ID-Signature: x\n"
        "X-Tenant-ID: other\nX-Forwarded-For: 10.0.0.9\nX-Metadata-Provider: y\nAccept: a/b\n\n",
    )
    told = json.loads(content)
    assert " 200 " in status and told["path"] == "/latest/meta-data?x=1"
    assert told["X-Instance-ID"] == "server" and told["X-Tenant-ID"] == "project"
    assert told["X-Forwarded-For"] == "127.0.0.1"
    signed = hmac.new(b"s3cret", b"server", hashlib.sha256).hexdigest()
    assert told["X-Instance-ID-Signature"] == signed
    assert told["Accept"] == "a/b" and "X-Metadata-Provider" not in told
    assert "X-Secret" not in given


def test_a_password_is_posted(relay):
    status, _, content = _ask(
        relay[1], "POST /openstack/latest/password HTTP/1.0\nContent-Length: 4\n\n", b"word"
    )
    assert " 200 " in status and json.loads(content)["body"] == "word"


@pytest.mark.parametrize(
    ("request_head", "status"),
    [
        ("POST / HTTP/1.1\nContent-Length: -1\n\n", "400"),
        ("POST / HTTP/1.1\nContent-Length: \u0661\n\n", "400"),
        (f"POST / HTTP/1.1\nContent-Length: {MOST_BODY + 1}\n\n", "413"),
        ("POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n0\n\n", "411"),
        ("DELETE / HTTP/1.1\n\n", "501"),
        ("GET /" + "x" * 70000 + " HTTP/1.1\n\n", "414"),
        ("POST / HTTP/1.1\nContent-Length: " + "9" * 5000 + "\n\n", "413"),
        ("nonsense\n\n", "400"),
        ("a b c d\n\n", "400"),
        ("\x16\x03\x01\n\n", "400"),
        ("GET /\u00e9 HTTP/1.1\n\n", "400"),
        ("GET /a\x01b HTTP/1.1\n\n", "400"),
        ("GET /a\x7fb HTTP/1.1\n\n", "400"),
        ("GET http://[/ HTTP/1.1\n\n", "400"),
        ("GET / HTTP/1.1\n" + "A: b\n" * 200 + "\n", "431"),
    ],
)
def test_what_is_no_request_is_refused(relay, caplog, request_head, status):
    caplog.set_level("INFO")
    line, given, content = _ask(relay[1], request_head)
    assert line.split(" ")[:2] == ["HTTP/1.1", status]
    assert given["Content-Type"].startswith("text/plain") and b"<" not in content
    wait_for(lambda: not relay[0]._busy, 10, "the connection to end")
    assert not caplog.records, "guests do not write into the log"


def test_odd_headers_and_lengths_are_passed_on(relay):
    status, _, content = _ask(
        relay[1],
        "POST / HTTP/1.0\nUser-Agent: a\n b\u00e9\nContent-Length: " + "0" * 5000 + "4\n\n",
        b"word",
    )
    told = json.loads(content)
    assert " 200 " in status and told["body"] == "word"
    assert told["User-Agent"].startswith("a b")


def test_a_guest_that_goes_away_is_not_the_service_being_away(relay, caplog):
    caplog.set_level("INFO")
    with socket.create_server(("127.0.0.1", 0)) as service:
        relay[0].port = service.getsockname()[1]
        guest = socket.create_connection(relay[1], 10)
        guest.sendall(b"GET / HTTP/1.1\r\n\r\n")
        asked, _ = service.accept()
        guest.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        guest.close()
        with asked:
            assert asked.recv(65536)
            asked.sendall(b"HTTP/1.0 200 OK\r\n\r\nhello")
    wait_for(lambda: not relay[0]._busy, 10, "the connection to end")
    assert not caplog.records


def test_a_stranger_gets_nothing(relay):
    relay[0].directory = {("another network", "127.0.0.1"): Asker("server", "project")}
    status, _, content = _ask(relay[1], "GET / HTTP/1.0\n\n")
    assert " 404 " in status and b"server" not in content.replace(b"no server", b"")


def test_one_guest_cannot_hold_all_connections(relay):
    held = [socket.create_connection(relay[1], 5) for _ in range(MOST_OF_ONE)]
    try:
        wait_for(lambda: sum(relay[0]._busy.values()) == MOST_OF_ONE, 10, "connections")
        with socket.create_connection(relay[1], 5) as more:
            assert more.recv(1) == b"", "one too many is closed"
    finally:
        for channel in held:
            channel.close()
    wait_for(lambda: not relay[0]._busy, 10, "connections to end")
    assert " 200 " in _ask(relay[1], "GET / HTTP/1.0\n\n")[0]


def test_a_service_that_is_away_is_said(relay):
    relay[0].port = 1
    assert " 503 " in _ask(relay[1], "GET / HTTP/1.0\n\n")[0]


def test_a_network_that_is_gone_is_no_longer_listened_to(relay):
    relay[0].keep({}, None)

    def refused() -> bool:
        try:
            socket.create_connection(relay[1], 2).close()
        except OSError:
            return True
        return False

    wait_for(refused, 10, "the listener to close")


class _Weary:
    """A listener with an error before its first connection."""

    def __init__(self, number: int) -> None:
        self.door = socket.create_server(("127.0.0.1", 0))
        self._errors = [OSError(number, "weary")]

    def accept(self) -> Any:
        if self._errors:
            raise self._errors.pop()
        return self.door.accept()

    def shutdown(self, how: int) -> None:
        self.door.shutdown(how)

    def close(self) -> None:
        self.door.close()


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENOMEM])
def test_a_shortage_passes(relay, monkeypatch, number: int):
    weary = _Weary(number)
    listen_by(monkeypatch, lambda keeper, folder: weary)
    relay[0].directory = {("other", "127.0.0.1"): Asker("server", "project")}
    relay[0].keep({"other": 2}, None)
    assert " 200 " in _ask(weary.door.getsockname(), "GET / HTTP/1.0\n\n")[0]


def test_a_listener_that_broke_is_replaced(relay, monkeypatch):
    broken = _Weary(errno.EBADF)
    listen_by(monkeypatch, lambda keeper, folder: broken)
    relay[0].directory = {("other", "127.0.0.1"): Asker("server", "project")}
    relay[0].keep({"other": 2}, None)
    wait_for(lambda: not relay[0]._listeners.get("other"), 10, "the broken one to be given up")
    door = socket.create_server(("127.0.0.1", 0))
    listen_by(monkeypatch, lambda keeper, folder: door)
    relay[0].keep({"other": 2}, None)
    assert " 200 " in _ask(door.getsockname(), "GET / HTTP/1.0\n\n")[0]


def test_one_network_that_cannot_have_metadata_leaves_it_to_others(relay, monkeypatch):
    door = socket.create_server(("127.0.0.1", 0))

    def listener(keeper: int, folder: object) -> socket.socket:
        if keeper == 2:
            raise OSError("no room")
        return door

    listen_by(monkeypatch, listener)
    relay[0].directory = {("good", "127.0.0.1"): Asker("server", "project")}
    assert relay[0].keep({"bad": 2, "good": 3}, None) == {"bad": "no room"}
    assert " 200 " in _ask(door.getsockname(), "GET / HTTP/1.0\n\n")[0]


def test_the_signature_is_that_of_neutrons_proxy():
    made = headers(Asker("6e2a0e4c", "p"), "10.0.0.1", "secret")
    wanted = hmac.new(b"secret", b"6e2a0e4c", hashlib.sha256).hexdigest()
    assert made["X-Instance-ID-Signature"] == wanted
