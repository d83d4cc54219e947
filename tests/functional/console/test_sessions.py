# SPDX-License-Identifier: Apache-2.0
"""Sessions through a proxy: what is carried, what is refused and with which words."""

import os
import socket
import struct
import threading
from collections.abc import Callable
from typing import Any

import pytest

from nova_lite.base.clock import ManualClock
from nova_lite.console import rfb as screens
from nova_lite.console import stream
from nova_lite.console.kinds import NOVNC, SERIAL, SPICE
from nova_lite.domain.console import ConsoleType
from nova_lite.domain.errors import DatabaseUnavailable
from tests.fixtures.consoles import Closed, exactly, rfb
from tests.fixtures.wait import wait_for

POLICY, FAILED = stream.POLICY, stream.FAILED


def closed(browser: Any) -> tuple[int | None, str]:
    found: Closed = browser.wait_closed()
    return found.code, found.reason


def test_both_ways(consoles: Any) -> None:
    consoles.listen()
    browser = consoles.browser(consoles.proxy())
    browser.send(b"login: root\r")
    assert browser.read(12) == b"LOGIN: ROOT\r"
    for size in (1, 125, 126, 65_535, 65_536, 500_000):
        data = os.urandom(size)
        browser.send(data)
        assert browser.read(size) == data.upper()


def test_many_sessions_at_once(consoles: Any) -> None:
    consoles.listen()
    proxy = consoles.proxy()
    browsers = [consoles.browser(proxy) for _ in range(20)]
    for number, browser in enumerate(browsers):
        browser.send(b"line %03d" % number)
    for number, browser in reversed(list(enumerate(browsers))):
        assert browser.read(8) == b"LINE %03d" % number


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/", "no token"),
        ("/?token=", "no token"),
        ("/?token=" + "0" * 48, "not known"),
        ("/?token=" + "x" * 4000, "no token"),
    ],
)
def test_wrong_tokens(consoles: Any, path: str, words: str) -> None:
    consoles.listen()
    code, reason = closed(consoles.browser(consoles.proxy(), path))
    assert code == POLICY and words in reason


def test_a_token_may_come_as_the_path_of_novnc_or_as_a_cookie(consoles: Any) -> None:
    consoles.listen()
    browser = consoles.browser(consoles.proxy(), f"/x?path=%3Ftoken%3D{consoles.token()}")
    browser.send(b"a")
    assert browser.read(1) == b"A"


def test_expired_tokens(manual_clock: ManualClock, consoles: Any) -> None:
    consoles.listen()
    proxy, token = consoles.proxy(), consoles.token()
    manual_clock.advance(consoles.cloud.conf.consoleauth.token_ttl + 1)
    code, reason = closed(consoles.browser(proxy, f"/?token={token}"))
    assert code == POLICY and "expired" in reason


def test_tokens_for_one_use(make_consoles: Callable[..., Any]) -> None:
    consoles = make_consoles(consoleauth__single_use=True)
    consoles.listen()
    proxy, token = consoles.proxy(), consoles.token()
    first = consoles.browser(proxy, f"/?token={token}")
    first.send(b"a")
    assert first.read(1) == b"A"
    code, reason = closed(consoles.browser(proxy, f"/?token={token}"))
    assert code == POLICY and "used already" in reason
    first.send(b"b")
    assert first.read(1) == b"B"


def test_a_token_of_another_kind_of_console(consoles: Any) -> None:
    consoles.listen()
    path = f"/?token={consoles.token(ConsoleType.NOVNC)}"
    code, reason = closed(consoles.browser(consoles.proxy(), path))
    assert code == POLICY and "type novnc" in reason


def test_a_token_leads_to_no_other_server(consoles: Any) -> None:
    """The port that the console had is another guest's now."""
    consoles.listen()
    proxy, token = consoles.proxy(), consoles.token()
    others = consoles.listen(lambda sock: sock.sendall(b"another guest"))
    mine = consoles.listen()
    assert others.port != mine.port
    browser = consoles.browser(proxy, f"/?token={token}")
    browser.send(b"a")
    assert browser.read(1) == b"A"


def test_the_page_of_spice_brings_its_token_as_a_cookie(consoles: Any) -> None:
    consoles.listen()
    token = consoles.token(ConsoleType.SPICE_HTML5)
    browser = consoles.browser(consoles.proxy(SPICE), "/websockify", cookie=f"a=b; token={token}")
    browser.send(b"redq")
    assert browser.read(4) == b"REDQ"
    code, reason = closed(consoles.browser(consoles.proxy(SPICE), "/websockify", cookie="a=b"))
    assert code == POLICY and "no token" in reason


def test_tokens_that_cannot_be_looked_up_are_not_called_unknown(
    consoles: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(cell: Any) -> Any:
        raise DatabaseUnavailable(database="cell", reason="away")

    proxy, token = consoles.proxy(), consoles.token()
    # A database that is away is waited for half a minute; here it is given up at once.
    monkeypatch.setattr(consoles.cloud.databases, "read_cell", away)
    code, reason = closed(consoles.browser(proxy, f"/?token={token}"))
    assert (code, reason) == (FAILED, "links to consoles cannot be checked now")


# --- where pages come from --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("origin", "words"),
    [
        ("http://evil.example", "evil.example may not"),
        ("null", "does not say"),
        ("http://[::1", "does not say"),
        ("https://localhost", "from http pages"),
    ],
)
def test_pages_of_others(consoles: Any, origin: str, words: str) -> None:
    consoles.listen()
    code, reason = closed(consoles.browser(consoles.proxy(), origin=origin))
    assert code == POLICY and words in reason


@pytest.mark.parametrize("origin", [None, "http://localhost:6080", "http://dash.example"])
def test_pages_that_may(consoles: Any, origin: str | None) -> None:
    consoles.listen()
    proxy = consoles.proxy(console__allowed_origins=["dash.example"])
    browser = consoles.browser(proxy, origin=origin)
    browser.send(b"a")
    assert browser.read(1) == b"A"


# --- hosts ------------------------------------------------------------------------------------


def test_a_host_that_cannot_be_reached(consoles: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        consoles.at(sock.getsockname()[1])
    code, reason = closed(consoles.browser(consoles.proxy()))
    assert code == FAILED and "cannot be reached" in reason


def test_a_console_that_ends(consoles: Any) -> None:
    consoles.listen(lambda sock: sock.sendall(b"last words"))
    browser = consoles.browser(consoles.proxy())
    assert browser.read(10) == b"last words"
    assert closed(browser) == (stream.NORMAL, "the console was closed by the server")


def test_a_browser_that_ends(consoles: Any) -> None:
    ends = threading.Event()

    def talk(sock: socket.socket) -> None:
        while sock.recv(100):
            pass
        ends.set()

    consoles.listen(talk)
    consoles.browser(consoles.proxy()).close()
    assert ends.wait(20)


def test_a_browser_that_says_goodbye(consoles: Any, caplog: pytest.LogCaptureFixture) -> None:
    consoles.listen()
    proxy = consoles.proxy()
    browser = consoles.browser(proxy)
    browser.send(struct.pack("!H", stream.NORMAL), opcode=8)
    assert closed(browser)[0] == stream.NORMAL
    wait_for(lambda: not proxy._pool.busy, 20, "the session to end")
    assert "broke" not in caplog.text


# --- RFB --------------------------------------------------------------------------------------


def test_a_screen(consoles: Any) -> None:
    consoles.listen(rfb(types=b"\x02\x01"))
    browser = consoles.browser(consoles.proxy(NOVNC))
    browser.begin_rfb()
    browser.send(b"picture")
    assert browser.read(7) == b"PICTURE"


@pytest.mark.parametrize(
    ("talk", "words"),
    [
        (rfb(types=b"\x02\x10"), "not configured here: password, tight"),
        (rfb(refusal="too many users"), "too many users"),
        (rfb(version=b"RFB 003.003\n"), "old version"),
        (rfb(version=b"SSH-2.0-abcd"), "does not speak RFB"),
        (lambda sock: None, "closed by the server"),
    ],
)
def test_screens_that_refuse_say_why_in_the_browser(consoles: Any, talk: Any, words: str) -> None:
    consoles.listen(talk)
    browser = consoles.browser(consoles.proxy(NOVNC))
    assert words in browser.rfb_refusal()
    assert words in closed(browser)[1]


def test_a_screen_that_says_nothing(consoles: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # A limit, made shorter: the test would take ten seconds.
    monkeypatch.setattr(screens, "PATIENCE", 0.5)
    consoles.listen(lambda sock: exactly(sock, 100))
    browser = consoles.browser(consoles.proxy(NOVNC))
    assert "no answer in time" in browser.rfb_refusal()
    assert closed(browser) == (FAILED, "no answer in time")


def test_a_refused_token_is_told_in_words_that_novnc_shows(consoles: Any) -> None:
    browser = consoles.browser(consoles.proxy(NOVNC), "/?token=abc")
    assert "not known" in browser.rfb_refusal()
    code, reason = closed(browser)
    assert code == POLICY and "not known" in reason


@pytest.mark.parametrize("words", [b"", b"GET / HTTP/1.1\r\n\r\n"])
def test_who_speaks_no_rfb_reads_the_reason_at_the_end(consoles: Any, words: bytes) -> None:
    browser = consoles.browser(consoles.proxy(NOVNC), "/?token=abc")
    if words:
        browser.send(words)
    code, reason = closed(browser)
    assert code == POLICY and "not known" in reason


# --- limits -----------------------------------------------------------------------------------

BUFFERS = 24 * 1024 * 1024  # what kernels keep for some connections, generously


def test_a_browser_that_does_not_read_stops_the_guest(consoles: Any) -> None:
    piece = bytes(range(256)) * 256
    pieces = 1600
    sent = [0]

    def flood(sock: socket.socket) -> None:
        for _ in range(pieces):
            sock.sendall(piece)
            sent[0] += 1

    consoles.listen(flood)
    browser = consoles.browser(consoles.proxy(), receive_buffer=65536)
    stands = wait_for(lambda: stopped(sent), 20, "the guest to stop")
    assert stands * len(piece) < BUFFERS
    for _ in range(pieces):
        assert browser.read(len(piece)) == piece
    assert sent[0] == pieces


def stopped(count: list[int]) -> int | None:
    """The count, when it does not change for a moment."""
    before = count[0]
    threading.Event().wait(0.5)
    return before if before and count[0] == before else None


def test_a_guest_that_does_not_read_stops_the_browser(consoles: Any) -> None:
    go_on = threading.Event()
    data = os.urandom(100_000)
    rounds = 1000

    def late(sock: socket.socket) -> None:
        go_on.wait(20)
        for _ in range(rounds):
            assert exactly(sock, len(data)) == data
        sock.sendall(b"all")

    consoles.listen(late)
    browser = consoles.browser(consoles.proxy())
    sent = [0]

    def send() -> None:
        for _ in range(rounds):
            browser.send(data)
            sent[0] += 1

    sender = threading.Thread(target=send, daemon=True)
    sender.start()
    stands = wait_for(lambda: stopped(sent), 20, "the browser to stop")
    assert stands * len(data) < BUFFERS
    go_on.set()
    assert browser.read(3) == b"all"
    sender.join(20)


def test_a_message_that_is_too_big(consoles: Any) -> None:
    consoles.listen()
    browser = consoles.browser(consoles.proxy())
    threading.Thread(target=_try_to_send, args=(browser, 4 * 1024 * 1024), daemon=True).start()
    assert closed(browser)[0] == stream.TOO_BIG


def _try_to_send(browser: Any, size: int) -> None:
    try:
        browser.send(bytes(size))
    except OSError:
        return  # the proxy does not read it to its end


def test_time_over(make_consoles: Callable[..., Any]) -> None:
    consoles = make_consoles(consoleauth__token_ttl=2, consoleauth__enforce_session_timeout=True)
    consoles.listen()
    browser = consoles.browser(consoles.proxy())
    browser.send(b"a")
    assert browser.read(1) == b"A"
    code, reason = closed(browser)
    assert code == stream.TIME_OVER and "time of this console is over" in reason


def test_a_proxy_that_stops_says_so(consoles: Any) -> None:
    consoles.listen()
    proxy = consoles.proxy(SERIAL)
    browser = consoles.browser(proxy)
    browser.send(b"a")
    assert browser.read(1) == b"A"
    proxy.stop()
    code, reason = closed(browser)
    assert code == stream.GOING_AWAY and "stopping" in reason
    assert proxy.wait(10)
