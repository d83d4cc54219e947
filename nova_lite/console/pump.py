# SPDX-License-Identifier: Apache-2.0
"""Carries what both ends say, until one of them ends or the time is over."""

from collections.abc import Callable
from typing import Final

from nova_lite.base import clock, concurrency
from nova_lite.console.stream import GOING_AWAY, TIME_OVER, Ended, Stream, wait

LOOK: Final = 1.0  # seconds between looks whether the proxy stops
TURN: Final = 8  # pieces that one session carries before others have their turn
STOPPING: Final = "the console proxy is stopping; ask for the console again"
OVER: Final = "the time of this console is over; ask for a new link"


class _Way:
    """One direction, with the one piece that is on its way."""

    def __init__(self, source: Stream, sink: Stream) -> None:
        self.source = source
        self.sink = sink
        self.piece = source.rest
        self.count = 0
        source.rest = b""

    def move(self) -> bool:
        """Whether anything moved. Raises Ended; what was read before that is passed on first."""
        if not self.piece:
            self.piece = self.source.read()
            if not self.piece:
                return False
        taken = self.sink.write(self.piece)
        self.piece = self.piece[taken:]
        self.count += taken
        return bool(taken)


def carry(
    browser: Stream, host: Stream, ends_at: float | None, stopping: Callable[[], bool]
) -> Ended:
    """Why it ended. `ends_at`: monotonic seconds, None for no end by time.

    A way that did not move is tried again with the next turn, or when the other one stands, too;
    to ask a browser that is silent for each piece of its guest would cost as much as the piece."""
    ways = [_Way(browser, host), _Way(host, browser)]
    busy, rounds = ways, 0
    try:
        while True:
            if stopping():
                raise Ended(GOING_AWAY, STOPPING)
            now = clock.monotonic()
            if ends_at is not None and now >= ends_at:
                raise Ended(TIME_OVER, OVER)
            tried, busy = busy, [way for way in busy if way.move()]
            if busy:
                rounds += 1
                if rounds % TURN == 0:
                    busy = ways
                    concurrency.take_turns()
                continue
            busy = ways
            if len(tried) < len(ways):
                continue  # there may be something that no socket tells: TLS has read it
            deadline = now + LOOK if ends_at is None else min(now + LOOK, ends_at)
            wait(
                [way.source for way in ways if not way.piece],
                [way.sink for way in ways if way.piece],
                deadline,
            )
    except Ended as ended:
        return ended
