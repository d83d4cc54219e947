# SPDX-License-Identifier: Apache-2.0
"""Screens behind VeNCrypt: a host that wants certificates."""

import socket
import ssl
import struct
from pathlib import Path
from typing import Any

import pytest

from nova_lite.console.kinds import NOVNC
from nova_lite.console.rfb import X509_NONE
from tests.fixtures.certificates import Authority
from tests.fixtures.consoles import VERSION, Talk, echo, exactly


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


def vencrypt(authority: Authority, *, offers: tuple[int, ...] = (X509_NONE,)) -> Talk:
    """A VNC server that has nothing but VeNCrypt, and wants a certificate of this authority."""

    def talk(sock: socket.socket) -> None:
        sock.sendall(VERSION)
        exactly(sock, 12)
        sock.sendall(b"\x01\x13")
        assert exactly(sock, 1) == b"\x13"
        sock.sendall(b"\x00\x02")
        assert exactly(sock, 2) == b"\x00\x02"
        sock.sendall(b"\x00" + struct.pack(f"!B{len(offers)}I", len(offers), *offers))
        (chosen,) = struct.unpack("!I", exactly(sock, 4))
        assert chosen == X509_NONE
        sock.sendall(b"\x01")
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(authority.ca))
        context.load_cert_chain(*authority.issue("host"))
        context.verify_mode = ssl.CERT_REQUIRED
        with context.wrap_socket(sock, server_side=True) as secured:
            secured.sendall(struct.pack("!I", 0))
            echo(secured)

    return talk


def options(authority: Authority, client: bool = True) -> dict[str, Any]:
    given: dict[str, Any] = {
        "vnc__auth_schemes": ["vencrypt", "none"],
        "vnc__vencrypt_ca_certs": str(authority.ca),
    }
    if client:
        certificate, key = authority.issue("proxy")
        given["vnc__vencrypt_client_cert"] = certificate
        given["vnc__vencrypt_client_key"] = key
    return given


def test_the_host_is_reached_with_certificates(consoles: Any, authority: Authority) -> None:
    consoles.listen(vencrypt(authority, offers=(257, X509_NONE)))
    browser = consoles.browser(consoles.proxy(NOVNC, **options(authority)))
    browser.begin_rfb()
    data = b"x" * 200_000
    browser.send(data)
    assert browser.read(len(data)) == data.upper()


def test_a_host_of_another_authority_is_not_believed(
    consoles: Any, authority: Authority, tmp_path: Path
) -> None:
    consoles.listen(vencrypt(authority))
    stranger = Authority(tmp_path / "stranger")
    browser = consoles.browser(consoles.proxy(NOVNC, **options(stranger)))
    assert "no TLS with the host" in browser.rfb_refusal()


def test_a_host_that_offers_passwords_only(consoles: Any, authority: Authority) -> None:
    consoles.listen(vencrypt(authority, offers=(257,)))
    browser = consoles.browser(consoles.proxy(NOVNC, **options(authority)))
    assert "offers VeNCrypt [257]" in browser.rfb_refusal()


def test_a_proxy_that_has_no_certificate(consoles: Any, authority: Authority) -> None:
    consoles.listen(vencrypt(authority))
    browser = consoles.browser(consoles.proxy(NOVNC, **options(authority, client=False)))
    assert browser.rfb_refusal()
