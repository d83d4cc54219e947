# SPDX-License-Identifier: Apache-2.0
"""Whose turn it is in a session."""

from nova_lite.console import pump
from nova_lite.console.stream import NORMAL, Ended

FLOOD = 1001  # the last turn is not a whole one
KEYS = 20


class End:
    """One end that has so many pieces to say, and then ends or is silent. All of it is there
    already, as with TLS, when a socket has nothing to be read any more: nobody may wait."""

    def __init__(self, pieces: int, *, ends: bool = False) -> None:
        self.rest = b""
        self.said = 0
        self.heard: list[int] = []  # for each piece: how many this end had said by then
        self._pieces = pieces
        self._ends = ends

    def fileno(self) -> int:
        raise AssertionError("there is something to be done, and it waits")

    def read(self) -> bytes:
        if self.said < self._pieces:
            self.said += 1
            return b"x"
        if self._ends:
            raise Ended(NORMAL, "all is said")
        return b""

    def write(self, data: bytes) -> int:
        self.heard.append(self.said)
        return len(data)


def test_keys_are_not_held_up_by_a_guest_that_never_stops() -> None:
    browser, host = End(KEYS), End(FLOOD, ends=True)
    ended = pump.carry(browser, host, None, lambda: False)
    assert (ended.code, len(browser.heard), len(host.heard)) == (NORMAL, FLOOD, KEYS)
    assert host.heard[-1] <= 2 * KEYS


def test_keys_that_come_late_are_not_held_up_either() -> None:
    browser, host = End(0), End(FLOOD, ends=True)
    seen = 0

    def later() -> bool:
        nonlocal seen
        if host.said == FLOOD // 2 and browser.said == 0:
            seen, browser._pieces = host.said, 1
        return False

    pump.carry(browser, host, None, later)
    assert host.heard[0] - seen <= 2 * pump.TURN


def test_an_end_is_looked_at_again_when_the_other_falls_silent() -> None:
    """It had nothing to say before."""
    browser, host = End(0), End(FLOOD)

    def later() -> bool:
        browser._ends = host.said == FLOOD
        return False

    ended = pump.carry(browser, host, None, later)
    assert (ended.reason, len(browser.heard)) == ("all is said", FLOOD)
