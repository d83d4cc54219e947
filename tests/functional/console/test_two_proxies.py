# SPDX-License-Identifier: Apache-2.0
"""Two proxies behind one address: whatever one of them knows of a session, the other does not."""

import contextlib
import http.client
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nova_lite.console import stream
from nova_lite.console.kinds import NOVNC, SERIAL, Kind
from nova_lite.domain.console import ConsoleType
from tests.fixtures.balancer import Balancer
from tests.fixtures.consoles import Browser, Closed, rfb

OPENS = 100
PAGES = {"vnc.html": b"<script src='app/ui.js'></script>", "app/ui.js": b"connect()"}


class Twins:
    """Two proxies, each asking conductors of which there are two as well."""

    def __init__(self, consoles: Any, kind: Kind, **options: Any) -> None:
        self._consoles = consoles
        self._kind = kind
        consoles.cloud.process()
        proxies = [consoles.proxy(kind, **options) for _ in range(2)]
        self.balancer = Balancer([proxy.address for proxy in proxies])

    def token(self) -> str:
        types: list[ConsoleType] = list(self._kind.types)
        return str(self._consoles.token(types[0]))

    def open(self, token: str) -> Browser:
        """What a page of the one address opens."""
        origin = f"http://localhost:{self.balancer.port}"
        return Browser(self.balancer.port, f"/?token={token}", origin=origin)

    def get(self, path: str) -> bytes:
        """By a connection of its own, as a browser that has closed the last one."""
        connection = http.client.HTTPConnection("127.0.0.1", self.balancer.port, timeout=20)
        with contextlib.closing(connection):
            connection.request("GET", path)
            answer = connection.getresponse()
            assert answer.status == 200, path
            return answer.read()


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    for name, text in PAGES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text)
    return folder


@pytest.fixture
def make_twins(make_consoles: Callable[..., Any], pages: Path) -> Iterator[Callable[..., Twins]]:
    with contextlib.ExitStack() as stack:

        def make(kind: Kind = NOVNC, **options: Any) -> Twins:
            consoles = make_consoles(**options)
            consoles.listen(rfb() if kind.rfb else _greet_and_echo)
            made = Twins(consoles, kind, **({} if kind.own_pages else {"web": str(pages)}))
            stack.callback(made.balancer.close)
            return made

        yield make


def _greet_and_echo(sock: Any) -> None:
    sock.sendall(b"login: ")
    while data := sock.recv(65536):
        sock.sendall(data.upper())


def say(browser: Browser, number: int) -> None:
    words = b"this is open %03d " % number
    browser.send(words)
    assert browser.read(len(words)) == words.upper()


@pytest.mark.parametrize("single_use", [False, True])
@pytest.mark.parametrize("kind", [NOVNC, SERIAL], ids=lambda kind: kind.types[0].value)
def test_a_hundred_of_a_hundred_opens_work(
    make_twins: Callable[..., Twins], kind: Kind, single_use: bool
) -> None:
    twins = make_twins(kind, consoleauth__single_use=single_use)
    with contextlib.ExitStack() as stack:
        browsers = []
        for number in range(OPENS):
            browser = stack.enter_context(contextlib.closing(twins.open(twins.token())))
            if kind.rfb:
                browser.begin_rfb()
            else:
                assert browser.read(7) == b"login: "
            say(browser, number)
            browsers.append(browser)
        for number, browser in enumerate(browsers):
            say(browser, number)
        assert twins.balancer.order == [0, 1] * (OPENS // 2)


@pytest.mark.parametrize("names", [["vnc.html"], ["vnc.html", "app/ui.js"]], ids=["0", "1"])
def test_pages_of_one_and_the_session_of_the_other(
    make_twins: Callable[..., Twins], names: list[str]
) -> None:
    twins = make_twins(consoleauth__single_use=True)
    token = twins.token()
    for name in names:
        assert twins.get(f"/{name}") == PAGES[name]
    last = twins.balancer.order[-1]
    with contextlib.closing(twins.open(token)) as browser:
        browser.begin_rfb()
        say(browser, 1)
        assert twins.balancer.order[-1] == 1 - last
        for _ in range(2):
            with contextlib.closing(twins.open(token)) as again:
                assert "used already" in again.rfb_refusal()
        say(browser, 2)


def test_of_two_uses_at_once_one_is_the_first(make_twins: Callable[..., Twins]) -> None:
    twins = make_twins(SERIAL, consoleauth__single_use=True)
    for _ in range(10):
        answers = both(twins, twins.token())
        refusals = [answer for answer in answers if isinstance(answer, Closed)]
        assert len(refusals) == 1 and refusals[0].code == stream.POLICY
        assert "used already" in refusals[0].reason
    assert twins.balancer.order.count(0) == twins.balancer.order.count(1) == 10


def both(twins: Twins, token: str) -> list[bytes | Closed]:
    """What two browsers see that open one link at the same time."""
    seen: list[bytes | Closed] = []

    def look() -> None:
        with contextlib.closing(twins.open(token)) as browser:
            try:
                seen.append(browser.read(7))
            except Closed as closed:
                seen.append(closed)

    threads = [threading.Thread(target=look, daemon=True) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return seen
