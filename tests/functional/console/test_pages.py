# SPDX-License-Identifier: Apache-2.0
"""What a proxy serves beside sessions, with and without encryption."""

import contextlib
import http.client
import socket
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from nova_lite.console.kinds import NOVNC, SERIAL
from nova_lite.domain.errors import ConfigurationError
from tests.fixtures.certificates import Authority


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes


def get(proxy: Any, path: str, *, ca: Path | None = None) -> Answer:
    port = proxy.address[1]
    connection: http.client.HTTPConnection
    if ca is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    else:
        trust = ssl.create_default_context(cafile=str(ca))
        connection = http.client.HTTPSConnection("localhost", port, timeout=20, context=trust)
    with contextlib.closing(connection):
        connection.request("GET", path)
        answer = connection.getresponse()
        return Answer(answer.status, dict(answer.headers), answer.read())


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def test_the_link_of_a_serial_console_is_a_page_too(consoles: Any) -> None:
    proxy = consoles.proxy(SERIAL)
    answer = get(proxy, "/?token=abc")
    assert (answer.status, answer.headers["Location"]) == (302, "serial.html?token=abc")
    for name in ("serial.html", "serial.js", "terminal.js", "view.js", "keys.js", "serial.css"):
        answer = get(proxy, f"/{name}?token=abc")
        assert answer.status == 200 and answer.body
        assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_the_old_name_of_the_page_of_novnc(consoles: Any, tmp_path: Path) -> None:
    (tmp_path / "vnc.html").write_text("noVNC")
    proxy = consoles.proxy(NOVNC, web=str(tmp_path))
    answer = get(proxy, "/vnc_auto.html?path=%3Ftoken%3Dabc")
    assert answer.status == 302
    assert answer.headers["Location"] == (
        "vnc.html?autoconnect=true&resize=scale&path=%3Ftoken%3Dabc"
    )
    assert get(proxy, "/vnc.html").body == b"noVNC"


@pytest.mark.parametrize(
    "path", ["/nothing", "/../conftest.py", "/%2e%2e/%2e%2e/etc/passwd", "/web/"]
)
def test_what_is_no_page_is_not_found(consoles: Any, path: str) -> None:
    assert get(consoles.proxy(SERIAL), path).status == 404


def test_folders_are_not_listed(consoles: Any, tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "x.js").write_text("1")
    proxy = consoles.proxy(NOVNC, web=str(tmp_path))
    assert get(proxy, "/").status == get(proxy, "/app/").status == 404


def test_a_folder_of_pages_that_is_not_there(consoles: Any, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="web"):
        consoles.proxy(NOVNC, web=str(tmp_path / "none"))


def test_a_port_that_is_taken(consoles: Any) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as sock,
        pytest.raises(ConfigurationError, match="serialproxy_port"),
    ):
        consoles.proxy(SERIAL, serial_console__serialproxy_port=sock.getsockname()[1])


def test_a_connection_that_says_nothing_stops_nobody(consoles: Any, authority: Authority) -> None:
    proxy = consoles.proxy(SERIAL, **certified(authority))
    trust = ssl.create_default_context(cafile=str(authority.ca))
    silent = socket.create_connection(proxy.address, 20)
    used = http.client.HTTPConnection(*proxy.address, timeout=20)
    used.request("GET", "/serial.html")
    used.getresponse().read()
    secure = trust.wrap_socket(
        socket.create_connection(proxy.address, 20), server_hostname="localhost"
    )
    proxy.stop()
    assert proxy.wait(5)
    for one in (silent, used, secure):
        one.close()


def test_other_requests(consoles: Any) -> None:
    proxy = consoles.proxy(SERIAL)
    for raw in (b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", b"nonsense\r\n\r\n"):
        with socket.create_connection(proxy.address, 20) as sock:
            sock.sendall(raw)
            answer = sock.recv(4096)
        assert b"501" in answer or b"400" in answer
    upgrade = b"GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
    with socket.create_connection(proxy.address, 20) as sock:
        sock.sendall(upgrade)
        assert b" 400 " in sock.recv(4096)


def certified(authority: Authority) -> dict[str, str]:
    certificate, key = authority.issue("proxy")
    return {"cert": certificate, "key": key}


def test_with_and_without_encryption_at_one_port(consoles: Any, authority: Authority) -> None:
    consoles.listen()
    proxy = consoles.proxy(SERIAL, **certified(authority))
    assert get(proxy, "/serial.html", ca=authority.ca).status == 200
    assert get(proxy, "/serial.html").status == 200
    browser = consoles.browser(proxy, ca=authority.ca)
    browser.send(b"x" * 300_000)
    assert browser.read(300_000) == b"X" * 300_000


def test_encryption_only(consoles: Any, authority: Authority) -> None:
    proxy = consoles.proxy(SERIAL, ssl_only=True, **certified(authority))
    answer = get(proxy, "/serial.html")
    assert answer.status == 403 and b"https" in answer.body
    assert get(proxy, "/serial.html", ca=authority.ca).status == 200


def test_an_oldest_tls(consoles: Any, authority: Authority) -> None:
    proxy = consoles.proxy(SERIAL, console__ssl_minimum_version="tlsv1_3", **certified(authority))
    trust = ssl.create_default_context(cafile=str(authority.ca))
    trust.maximum_version = ssl.TLSVersion.TLSv1_2
    with (
        socket.create_connection(proxy.address, 20) as sock,
        pytest.raises((ssl.SSLError, ConnectionError)),
    ):
        trust.wrap_socket(sock, server_hostname="localhost")


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"cert": "/nowhere.pem"}, "cert"),
        ({"ssl_only": True}, "ssl_only"),
        ({"vnc__auth_schemes": ["vencrypt"]}, "vencrypt_ca_certs"),
    ],
)
def test_wrong_options_are_named(consoles: Any, options: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        consoles.proxy(NOVNC, **options)
