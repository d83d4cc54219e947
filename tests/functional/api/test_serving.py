# SPDX-License-Identifier: Apache-2.0
"""The HTTP servers of both back ends, with and without TLS, over real sockets.

Which back end: the one of this test run (NOVA_LITE_CONCURRENCY)."""

import datetime as dt
import http.client
import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from nova_lite.api import serve
from nova_lite.api.serve import HttpServer
from nova_lite.base import concurrency
from nova_lite.domain.errors import ConfigurationError
from tests.fixtures.cloud import Cloud
from tests.fixtures.settings import make_conf

HEADERS = {"X-Auth-Token": "admin:admin", "OpenStack-API-Version": "compute 2.104"}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """(certificate, key) of 127.0.0.1"""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(made.public_bytes(pem))
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    (folder / "key.pem").write_bytes(key.private_bytes(pem, form, plain))
    return str(folder / "cert.pem"), str(folder / "key.pem")


def options(certificate: tuple[str, str] | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "osapi_compute_listen": "127.0.0.1",
        "osapi_compute_listen_port": 0,
    }
    if certificate:
        found |= {"wsgi__ssl_cert_file": certificate[0], "wsgi__ssl_key_file": certificate[1]}
    return found


class Served:
    """An application that is served; `connect` gives a new connection."""

    def __init__(self, app: Any, certificate: tuple[str, str] | None) -> None:
        self._certificate = certificate
        self.server = HttpServer(make_conf(**options(certificate)), app)
        self.server.start()

    def connect(self) -> http.client.HTTPConnection:
        assert self.server.address is not None
        host, port = self.server.address
        if self._certificate is None:
            return http.client.HTTPConnection(host, port, timeout=30)
        context = ssl.create_default_context(cafile=self._certificate[0])
        return http.client.HTTPSConnection(host, port, timeout=30, context=context)

    def stop(self) -> bool:
        self.server.stop()
        return self.server.wait(10)


@pytest.fixture(params=["plain", "tls"])
def served(
    request: pytest.FixtureRequest, cloud: Cloud, certificate: tuple[str, str]
) -> Iterator[Served]:
    made = Served(cloud.api, certificate if request.param == "tls" else None)
    yield made
    assert made.stop()


def ask(
    connection: http.client.HTTPConnection, method: str, path: str, body: Any = None, **more: str
) -> tuple[int, http.client.HTTPMessage, bytes]:
    headers = {**HEADERS, **{name.replace("_", "-"): value for name, value in more.items()}}
    if body is not None:
        headers.setdefault("Content-Type", "application/json")
    connection.request(method, path, body=body, headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read()


def test_one_connection_for_several_requests(served: Served) -> None:
    connection = served.connect()
    connection.connect()
    sock = connection.sock
    for _ in range(3):
        status, headers, body = ask(connection, "GET", "/v2.1/servers")
        assert status == 200 and body.startswith(b'{"servers":')
        assert headers.get("OpenStack-API-Version") == "compute 2.104"
        assert headers.get_all("Vary") == ["OpenStack-API-Version", "X-OpenStack-Nova-API-Version"]
    assert connection.sock is sock
    connection.close()


def test_names_of_headers_stay_as_they_are(served: Served) -> None:
    connection = served.connect()
    _, headers, _ = ask(connection, "GET", "/v2.1/servers")
    assert {"OpenStack-API-Version", "x-openstack-request-id"} <= set(headers.keys())
    connection.close()


def test_bodies(served: Served) -> None:
    connection = served.connect()
    status, _, body = ask(connection, "POST", "/v2.1/servers", "{}")
    assert (status, b"'server' is a required property" in body) == (400, True)

    def chunks() -> Iterator[bytes]:
        yield b'{"ser'
        yield b'ver": 1}'

    status, _, body = ask(connection, "POST", "/v2.1/servers", chunks())
    assert (status, b"1 is not of type" in body) == (400, True)
    status, _, _ = ask(connection, "GET", "/v2.1/servers")
    assert status == 200
    connection.close()


@pytest.mark.parametrize("size", [114_689, 3_000_000])
def test_a_body_that_is_too_large(served: Served, size: int) -> None:
    connection = served.connect()
    status, _, _ = ask(connection, "POST", "/v2.1/servers", b" " * size)
    assert status == 413
    connection.close()


def test_what_is_no_http(served: Served) -> None:
    connection = served.connect()
    connection.connect()
    connection.sock.sendall(b"nonsense\r\n\r\n")
    assert b"400" in connection.sock.recv(4096)
    connection.close()
    again = served.connect()
    assert ask(again, "GET", "/")[0] == 200
    again.close()


def test_a_header_that_never_ends(served: Served) -> None:
    connection = served.connect()
    status, _, _ = ask(connection, "GET", "/v2.1/servers", X_Long="x" * 300_000)
    assert status in (400, 413, 414, 431)
    connection.close()


def test_plain_text_to_a_tls_port(cloud: Cloud, certificate: tuple[str, str]) -> None:
    served = Served(cloud.api, certificate)
    assert served.server.address is not None
    with socket.create_connection(served.server.address, timeout=10) as plain:
        plain.sendall(b"GET / HTTP/1.0\r\n\r\n")
        plain.settimeout(10)
        try:
            heard = plain.recv(4096)
        except ConnectionResetError:
            heard = b""
    assert b" 200 " not in heard
    connection = served.connect()
    assert ask(connection, "GET", "/")[0] == 200
    connection.close()
    assert served.stop()


def test_what_is_being_worked_on_is_finished() -> None:
    begun, go_on = concurrency.Event(), concurrency.Event()

    def slow(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        begun.set()
        go_on.wait(20)
        start("200 OK", [("Content-Length", "4")])
        return [b"done"]

    served = Served(slow, None)
    connection = served.connect()
    asking = concurrency.spawn(ask, connection, "GET", "/")
    assert begun.wait(20)
    served.server.stop()
    assert served.server.wait(0.2) is False
    go_on.set()
    status, _, body = asking.wait(20)
    assert (status, body) == (200, b"done")
    connection.close()
    assert served.server.wait(20) is True
    with pytest.raises(OSError):
        served.connect().connect()


def test_an_idle_connection_does_not_hold_the_server(cloud: Cloud) -> None:
    served = Served(cloud.api, None)
    connection = served.connect()
    assert ask(connection, "GET", "/")[0] == 200
    assert served.stop()
    connection.close()


# --- what is wrong is said at once -------------------------------------------------------------


def test_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        conf = make_conf(osapi_compute_listen="127.0.0.1", osapi_compute_listen_port=port)
        with pytest.raises(ConfigurationError, match="osapi_compute_listen_port"):
            serve.listen(conf)


def test_an_address_of_another_machine() -> None:
    conf = make_conf(osapi_compute_listen="192.0.2.1", osapi_compute_listen_port=0)
    with pytest.raises(ConfigurationError, match="osapi_compute_listen"):
        serve.listen(conf)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"wsgi__ssl_cert_file": "/nowhere.pem"}, "ssl_cert_file"),
        ({"wsgi__ssl_key_file": "/nowhere.pem"}, "ssl_cert_file"),
        ({"wsgi__ssl_ca_file": "CERT", "wsgi__ssl_cert_file": "BAD"}, "ssl_cert_file"),
    ],
)
def test_bad_files(
    tmp_path: Path, certificate: tuple[str, str], options: dict[str, str], named: str
) -> None:
    (tmp_path / "bad").write_text("nothing")
    known = {"CERT": certificate[0], "BAD": str(tmp_path / "bad")}
    conf = make_conf(**{name: known.get(value, value) for name, value in options.items()})
    with pytest.raises(ConfigurationError, match=named):
        serve.tls_context(conf)


def test_client_certificates_can_be_asked_for(cloud: Cloud, certificate: tuple[str, str]) -> None:
    conf = make_conf(**options(certificate), wsgi__ssl_ca_file=certificate[0])
    server = HttpServer(conf, cloud.api)
    server.start()
    assert server.address is not None
    context = ssl.create_default_context(cafile=certificate[0])
    without = http.client.HTTPSConnection(*server.address, timeout=10, context=context)
    with pytest.raises(OSError):
        ask(without, "GET", "/")
    context.load_cert_chain(*certificate)
    with_one = http.client.HTTPSConnection(*server.address, timeout=10, context=context)
    assert ask(with_one, "GET", "/")[0] == 200
    with_one.close()
    without.close()
    server.stop()
    assert server.wait(10)
