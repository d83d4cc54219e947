# SPDX-License-Identifier: Apache-2.0
"""The same proxy on green and on native threads, with and without encryption, as a process."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.certificates import Authority
from tests.fixtures.console_process import ConsoleProcess
from tests.fixtures.consoles import Browser, Listener, echo

SESSIONS = 10


@pytest.fixture(params=["eventlet", "threading"])
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def proxy(backend: str, authority: Authority) -> Iterator[int]:
    """The port of one with a certificate, before a guest that echoes."""
    guest = Listener(echo)
    process = ConsoleProcess(backend, guest.port, *authority.issue("proxy"))
    yield process.port
    process.close()
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
