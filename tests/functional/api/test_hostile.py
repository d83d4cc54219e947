# SPDX-License-Identifier: Apache-2.0
"""What no client library would send, byte by byte, to the HTTP server of either back end.

Every request is answered, with the status that fits, and the next one by the same server too.
Which back end: the one of this test run (NOVA_LITE_CONCURRENCY)."""

import socket
from collections.abc import Iterator

import pytest

from nova_lite.api.serve import HttpServer
from tests.fixtures.cloud import Cloud
from tests.fixtures.settings import make_conf

TIMEOUT = 20  # seconds
JSON = "Content-Type: application/json"
CHUNKED = "Transfer-Encoding: chunked"
Address = tuple[str, int]


@pytest.fixture(scope="module")
def address(cloud: Cloud) -> Iterator[Address]:
    conf = make_conf(osapi_compute_listen="127.0.0.1", osapi_compute_listen_port=0)
    server = HttpServer(conf, cloud.api)
    server.start()
    assert server.address is not None
    yield server.address
    server.stop()
    assert server.wait(10)


def request(method: str, path: str | bytes, *headers: str | bytes, body: bytes = b"") -> bytes:
    """The bytes of a request; a length is added to a body unless a header says how it ends."""
    lines: list[str | bytes] = [
        b" ".join([_bytes(method), _bytes(path), b"HTTP/1.1"]),
        "Host: cloud.example",
        "Connection: close",
        "X-Auth-Token: admin:admin",
        *headers,
    ]
    if body and not any(_bytes(h).startswith((b"Content-L", b"Transfer-E")) for h in headers):
        lines.append(f"Content-Length: {len(body)}")
    return b"\r\n".join(map(_bytes, lines)) + b"\r\n\r\n" + body


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


def create(body: bytes, *headers: str | bytes) -> bytes:
    return request("POST", "/latest/servers", *(headers or (JSON,)), body=body)


def chunks(*parts: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (*parts, b""))


def send(address: Address, data: bytes, *, hang_up: bool = False) -> tuple[int, bytes]:
    """(status, everything that came back); TimeoutError when the server says nothing."""
    with socket.create_connection(address, timeout=TIMEOUT) as sock:
        try:
            sock.sendall(data)
            if hang_up:
                sock.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has heard enough; what it said to that can still be read
        heard = b""
        try:
            while part := sock.recv(65536):
                heard += part
        except ConnectionResetError:
            pass  # the rest of what we sent was not wanted
    return int(heard.split(b" ", 2)[1]), heard


DEEP = b'{"server":{"name":"s","flavorRef":"1","networks":"none","x":%s}}'
HINTS = b'{"os:scheduler_hints":{"q":%s},"server":{"name":"s","flavorRef":"1","networks":"none"}}'


@pytest.mark.parametrize(
    ("data", "status", "words"),
    [
        # JSON
        (create(b"[" * 50_000), 400, b"Malformed request body"),
        (create(b'{"a":' * 15_000 + b"1" + b"}" * 15_000), 400, b"Malformed request body"),
        (create(DEEP % (b"[" * 900 + b"]" * 900)), 400, b"badRequest"),
        (create(HINTS % (b"[" * 900 + b"]" * 900)), 400, b"badRequest"),
        (create(b'{"server":1,"server":{"name":1}}'), 400, b"badRequest"),
        (create(b'{"server":{"name":"\xff\xfe"}}'), 400, b"Malformed request body"),
        (create(b'{"server":{"name":"\\ud800"}}'), 400, b"Malformed request body"),
        (create(b'\xef\xbb\xbf{"server":{}}'), 400, b"Malformed request body"),
        (create(b'{"server":NaN}'), 400, b"Malformed request body"),
        (create(b'{"server":' + b"9" * 5000 + b"}"), 400, b"Malformed request body"),
        # types of content
        (create(b"{}", "Content-Type: text/plain"), 415, b"badMediaType"),
        (create(b"{}", b"Content-Type: \xff\xfe"), 415, b"badMediaType"),
        (create(b"{}", "X-Nothing: 1"), 400, b"'server' is a required property"),
        (create(b"{}", "Content-Type: ;;=,"), 400, b"'server' is a required property"),
        # lengths
        (create(b"{}", JSON, "Content-Length: -1"), 400, b""),
        (create(b"{}", JSON, "Content-Length: +2"), 400, b""),
        (create(b"{}", JSON, "Content-Length: two"), 400, b""),
        (create(b"{}", JSON, b"Content-Length: \xb2"), 400, b""),
        (create(b"{}", JSON, "Content-Length: " + "9" * 30), 413, b"too large"),
        (create(b" " * 200_000), 413, b"too large"),
        # chunks
        (create(chunks(b'{"ser', b'ver":1}'), JSON, CHUNKED), 400, b"1 is not of type"),
        (create(chunks(*[b" " * 10_000] * 30), JSON, CHUNKED), 413, b"overLimit"),
        (create(b"zz\r\nabc\r\n0\r\n\r\n", JSON, CHUNKED), 400, b"Malformed request body"),
        # the path
        (request("GET", "/latest/servers/%ff%fe"), 404, b"itemNotFound"),
        (request("GET", "/latest/servers/a%00b"), 404, b"could not be found"),
        (request("GET", "/latest/servers/%ed%a0%80"), 404, b"itemNotFound"),
        (request("GET", "/latest/servers/a%0d%0aX-Evil:%20y"), 404, b"itemNotFound"),
        (request("GET", "/latest/servers/" + "a" * 7000), 404, b"itemNotFound"),
        (request("GET", "/latest/../../etc/passwd"), 404, b"could not be found"),
        (request("GET", "/%00"), 300, b"choices"),
        # the query
        (request("GET", "/latest/servers?name=%ff"), 400, b"not UTF-8"),
        (request("GET", "/latest/servers?name=%00"), 400, b"Malformed query string"),
        (request("GET", "/latest/servers?name=" + "a" * 7000), 200, b'"servers"'),
        (request("GET", "/latest/servers?name=" + "a" * 200_000), 414, b""),
        (request("GET", "/latest/servers?" + "&".join("a" * 1500)), 400, b"Malformed query"),
        (request("GET", "/latest/servers?name=(("), 400, b"badRequest"),
        (request("GET", "/latest/servers?limit=" + "9" * 4000), 200, b'"servers"'),
        # headers
        (request("GET", "/latest/servers", *["X-Y: z"] * 50), 200, b'"servers"'),
        (request("GET", "/latest/servers", b"X-Y: \xff\xfe", b"X-Z: a\0b"), 200, b'"servers"'),
        (
            request("GET", "/v2.1/servers", b"OpenStack-API-Version: compute 2.1\xb2"),
            400,
            b"format",
        ),
        (
            request("GET", "/v2.1/servers", f"OpenStack-API-Version: compute 2.{'9' * 5000}"),
            406,
            b"is not supported",
        ),
        # methods
        (request("BREW", "/latest/servers"), 404, b"could not be found"),
        (request("HEAD", "/latest/servers"), 404, b""),
    ],
)
def test_answered(address: Address, data: bytes, status: int, words: bytes) -> None:
    got, heard = send(address, data)
    assert (got, words in heard) == (status, True), heard[:2000]
    assert send(address, request("GET", "/latest/limits"))[0] == 200


@pytest.mark.parametrize(
    "data",
    [
        create(b'{"server":{}}', JSON, "Content-Length: 100"),
        create(b"20\r\n{}", JSON, CHUNKED),
        create(b"f" * 16 + b"\r\nabc", JSON, CHUNKED),
    ],
)
def test_a_body_that_ends_too_early(address: Address, data: bytes) -> None:
    status, heard = send(address, data, hang_up=True)
    assert (status, b"Malformed request body" in heard) == (400, True), heard


@pytest.mark.parametrize("count", [500, 20_000])
def test_many_headers(address: Address, count: int) -> None:
    data = request("GET", "/latest/servers", *["X-Y: z"] * count)
    assert send(address, data)[0] in (200, 413, 431)


@pytest.mark.parametrize("line", [b"OPTIONS *", b"CONNECT evil.example:443"])
def test_what_is_no_path(address: Address, line: bytes) -> None:
    status, _ = send(address, line + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert status in (300, 400, 404, 405)


def test_clients_that_never_finish_do_not_stop_others(address: Address) -> None:
    half = create(b'{"server"', JSON, "Content-Length: 1000")
    slow = [socket.create_connection(address, timeout=TIMEOUT) for _ in range(10)]
    try:
        for number, sock in enumerate(slow):
            sock.sendall(half if number % 2 else half[:30])
        for _ in range(3):
            assert send(address, request("GET", "/latest/servers"))[0] == 200
    finally:
        for sock in slow:
            sock.close()


def test_one_byte_at_a_time(address: Address) -> None:
    data = create(b'{"server":1}')
    with socket.create_connection(address, timeout=TIMEOUT) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for index in range(len(data)):
            sock.sendall(data[index : index + 1])
        assert sock.recv(65536).startswith(b"HTTP/1.1 400 ")
