# SPDX-License-Identifier: Apache-2.0
"""Thousands of sessions, and peers that do nothing: what a proxy keeps of them."""

import contextlib
import resource
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from nova_lite.console import room, stream
from tests.fixtures.console_process import ConsoleProcess
from tests.fixtures.consoles import Browser, Closed, Listener, Talk, echo
from tests.fixtures.wait import wait_for

MIB = 1024 * 1024
WARM = 500  # opens after which a proxy has what it needs
OPENS = 2000
AT_ONCE = 200
STUCK = 16  # on each side
GROWTH = 4 * MIB  # of a process that keeps nothing

Start = Callable[..., ConsoleProcess]


@pytest.fixture(params=["eventlet", "threading"])
def start(request: pytest.FixtureRequest) -> Iterator[Start]:
    with contextlib.ExitStack() as stack:

        def make(talk: Talk, **options: Any) -> ConsoleProcess:
            guest = Listener(talk)
            stack.callback(guest.close)
            made = ConsoleProcess(request.param, guest.port, **options)
            stack.callback(made.close)
            return made

        yield make


@pytest.fixture
def opened() -> Iterator[Callable[..., Browser]]:
    """A session that is closed with the test, at the latest."""
    with contextlib.ExitStack() as stack:

        def make(proxy: ConsoleProcess, **more: Any) -> Browser:
            browser = Browser(proxy.port, "/?token=x", **more)
            stack.callback(browser.close)
            return browser

        yield make


def works(browser: Browser) -> bool:
    browser.send(b"a")
    return browser.read(1) == b"A"


def use(proxy: ConsoleProcess, times: int) -> None:
    for _ in range(times):
        with contextlib.closing(Browser(proxy.port, "/?token=x")) as browser:
            assert works(browser)


def test_thousands_of_opens_leave_nothing(start: Start) -> None:
    proxy = start(echo)
    files = proxy.files()
    use(proxy, WARM)
    memory = proxy.memory()
    use(proxy, OPENS)
    wait_for(lambda: proxy.files() <= files, 20, "all of its sockets to be closed")
    assert proxy.memory() < memory + GROWTH


def test_more_files_are_asked_for_than_a_process_gets(
    start: Start, opened: Callable[..., Browser]
) -> None:
    highest = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    proxy = start(echo, files=f"{AT_ONCE}:{highest}")
    browsers = [opened(proxy) for _ in range(AT_ONCE)]
    assert all(works(browser) for browser in browsers)
    assert proxy.files() > 2 * AT_ONCE


def test_when_there_is_no_room_it_is_said(start: Start, opened: Callable[..., Browser]) -> None:
    most = 20
    files = room.SPARE + room.OTHERS + 2 * most
    proxy = start(echo, files=f"{files}:{files}")
    browsers = [opened(proxy) for _ in range(most)]
    assert all(works(browser) for browser in browsers)
    refused = opened(proxy).wait_closed()
    assert (refused.code, "try again later" in refused.reason) == (stream.FULL, True)
    browsers.pop().close()

    def has_room() -> bool:
        with contextlib.closing(Browser(proxy.port, "/?token=x")) as browser:
            try:
                return works(browser)
            except Closed as closed:
                assert closed.code == stream.FULL
                return False

    wait_for(has_room, 20, "the place of one that has ended")
    assert all(works(browser) for browser in browsers)


def test_stuck_peers_cost_no_memory(start: Start, opened: Callable[..., Browser]) -> None:
    """Guests talk and browsers do not listen, and the other way round, until nobody can."""
    stands, over = threading.Semaphore(0), threading.Event()

    def fill(send: Callable[[bytes], None], piece: bytes) -> None:
        with contextlib.suppress(TimeoutError):
            while True:
                send(piece)
        stands.release()

    def talk(sock: Any) -> None:
        if sock.recv(1) == b"t":
            sock.settimeout(3)
            fill(sock.sendall, bytes(MIB))
        over.wait(60)

    proxy = start(talk)
    use_of_memory = proxy.memory()
    browsers = [opened(proxy, receive_buffer=65536) for _ in range(2 * STUCK)]
    for number, browser in enumerate(browsers):
        browser.send(b"t" if number % 2 else b"s")
        browser.socket.settimeout(3)
    for browser in browsers[::2]:
        sending = threading.Thread(target=fill, args=(browser.send, bytes(60_000)), daemon=True)
        sending.start()
    assert all(stands.acquire(timeout=60) for _ in browsers), "somebody can talk for ever"
    grown = proxy.memory() - use_of_memory
    over.set()
    assert grown < len(browsers) * 4 * stream.PIECE
