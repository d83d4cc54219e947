# SPDX-License-Identifier: Apache-2.0
"""VeNCrypt with QEMU itself: a machine without disks whose screen wants certificates."""

import shutil
import socket
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from nova_lite.console import tls
from nova_lite.console.rfb import begin
from nova_lite.console.stream import Ended, HostStream
from tests.fixtures.certificates import Authority
from tests.fixtures.consoles import VERSION, exactly
from tests.fixtures.process import find_program, free_port
from tests.fixtures.settings import make_conf
from tests.fixtures.wait import wait_for

QEMU = "qemu-system-x86_64"
FIRST_PORT = 5900
TIMEOUT = 60.0

pytestmark = [
    pytest.mark.libvirt,
    pytest.mark.skipif(find_program(QEMU) is None, reason="needs QEMU"),
]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


@pytest.fixture
def screen(authority: Authority, tmp_path: Path) -> Iterator[int]:
    """The port of a screen that has nothing but VeNCrypt."""
    folder = tmp_path / "qemu"
    folder.mkdir()
    shutil.copy(authority.ca, folder / "ca-cert.pem")
    for name, path in zip(("cert", "key"), authority.issue("host"), strict=True):
        shutil.copy(path, folder / f"server-{name}.pem")
    port = free_port()
    while port < FIRST_PORT:
        port = free_port()
    credentials = f"tls-creds-x509,id=tls0,dir={folder},endpoint=server,verify-peer=on"
    screen = f"127.0.0.1:{port - FIRST_PORT},tls-creds=tls0"
    process = subprocess.Popen(
        [find_program(QEMU) or QEMU, "-S", "-nodefaults", "-machine", "pc", "-m", "32",
         "-vga", "std", "-object", credentials, "-vnc", screen],
        stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        wait_for(lambda: _answers(port) or process.poll() is not None, TIMEOUT, "QEMU's screen")
        assert process.poll() is None, process.stderr.read() if process.stderr else ""
        yield port
    finally:
        process.kill()
        process.communicate()


def _answers(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


def opened(port: int, authority: Authority, *, client: bool) -> tuple[HostStream, socket.socket]:
    """The stream behind the handshake, and the browser's end."""
    certificate, key = authority.issue("proxy")
    own = {"vnc__vencrypt_client_cert": certificate, "vnc__vencrypt_client_key": key}
    conf = make_conf(
        vnc__auth_schemes=["vencrypt"],
        vnc__vencrypt_ca_certs=str(authority.ca),
        **(own if client else {}),
    )
    ours, browser = socket.socketpair()
    browser.settimeout(TIMEOUT)
    browser.sendall(VERSION + b"\x01")  # noVNC would wait for the answers
    host = HostStream(socket.create_connection(("127.0.0.1", port), TIMEOUT))
    return begin(HostStream(ours), host, tls.towards_hosts(conf)), browser


def test_a_screen_behind_certificates(screen: int, authority: Authority) -> None:
    host, browser = opened(screen, authority, client=True)
    assert exactly(browser, 12 + 2 + 4) == VERSION + b"\x01\x01" + b"\x00" * 4
    host.sock.settimeout(TIMEOUT)
    host.sock.sendall(b"\x01")  # ClientInit
    width, height = struct.unpack("!HH", exactly(host.sock, 4))
    assert width > 0 and height > 0
    host.close()
    browser.close()


def test_a_proxy_without_a_certificate_is_refused(screen: int, authority: Authority) -> None:
    with pytest.raises(Ended) as refused:
        opened(screen, authority, client=False)
    assert refused.value.reason
