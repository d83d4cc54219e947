# SPDX-License-Identifier: Apache-2.0
"""The same proxy on green and on native threads, with and without encryption, as a process."""

import contextlib
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.certificates import Authority
from tests.fixtures.consoles import Browser, Listener, echo
from tests.fixtures.process import free_port
from tests.fixtures.wait import wait_for

ROOT = Path(__file__).resolve().parents[3]
SESSIONS = 10


def answers(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(params=["eventlet", "threading"])
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def proxy(backend: str, authority: Authority) -> Iterator[int]:
    """The port of one with a certificate, before a guest that echoes."""
    guest, port = Listener(echo), free_port()
    module = "tests.fixtures.console_proxy"
    command = [sys.executable, "-m", module, backend, str(port), str(guest.port)]
    process = subprocess.Popen([*command, *authority.issue("proxy")], cwd=ROOT)
    try:
        wait_for(lambda: answers(port) or process.poll() is not None, 60, "the proxy")
        assert process.poll() is None
        yield port
    finally:
        process.kill()
        process.wait()
        guest.close()


@pytest.mark.parametrize("encrypted", [False, True])
def test_sessions(proxy: int, authority: Authority, encrypted: bool) -> None:
    ca = authority.ca if encrypted else None
    with contextlib.ExitStack() as stack:
        browsers = [
            stack.enter_context(contextlib.closing(Browser(proxy, "/?token=x", ca=ca)))
            for _ in range(SESSIONS)
        ]
        data = b"some words of a guest " * 20_000
        for browser in browsers:
            browser.send(data)
        for browser in browsers:
            assert browser.read(len(data)) == data.upper()
