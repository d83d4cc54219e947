# SPDX-License-Identifier: Apache-2.0
"""The clock of the process: a port, so that tests may stop and move time."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

from nova_lite.base import concurrency


class Clock(Protocol):
    def now(self) -> datetime:
        """Wall time, aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds since some moment; never runs backwards."""
        ...

    def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's clocks."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        concurrency.sleep(seconds)


class ManualClock:
    """A clock that moves only when told to. A sleeper moves it and goes on at once."""

    def __init__(self, start: datetime | None = None) -> None:
        self._now = start or datetime(2030, 1, 1, tzinfo=UTC)
        self._monotonic = 1000.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def sleep(self, seconds: float) -> None:
        self.advance(seconds)
        concurrency.yield_now()

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
        self._monotonic += seconds


_clock: Clock = SystemClock()


def set_clock(clock: Clock) -> Clock:
    """Replace the clock of the process; returns the one before."""
    global _clock
    before, _clock = _clock, clock
    return before


def now() -> datetime:
    """Wall time, aware, UTC."""
    return _clock.now()


def monotonic() -> float:
    """Seconds for measuring spans."""
    return _clock.monotonic()


def sleep(seconds: float) -> None:
    """Pause this green or native thread."""
    _clock.sleep(seconds)
