# SPDX-License-Identifier: Apache-2.0
"""What was found, for a few seconds: a guest that boots asks twenty times, and we ask once."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from nova_lite.base import clock, concurrency

T = TypeVar("T")
MOST: Final = 2000  # servers


class _Entry(Generic[T]):
    def __init__(self) -> None:
        self.lock = concurrency.Lock()
        self.until = 0.0
        self.value: T | None = None


class Cache(Generic[T]):
    """`seconds` 0: nothing is kept. Those who ask for the same at the same time wait for one."""

    def __init__(self, seconds: float, most: int = MOST) -> None:
        """`most`: how many are kept; the one that was asked for longest ago goes first."""
        self._seconds = seconds
        self._most = most
        self._entries: OrderedDict[str, _Entry[T]] = OrderedDict()
        self._lock = concurrency.Lock()

    def get(self, key: str, find: Callable[[], T]) -> T:
        """What `find` has said lately, or says now. What it raises is not kept."""
        if self._seconds <= 0:
            return find()
        with self._lock:
            entry = self._entries.setdefault(key, _Entry())
            self._entries.move_to_end(key)
            if len(self._entries) > self._most:
                self._entries.popitem(last=False)
        with entry.lock:
            if entry.value is None or clock.monotonic() >= entry.until:
                entry.value = find()
                entry.until = clock.monotonic() + self._seconds
            return entry.value

    def forget(self, key: str) -> None:
        with self._lock:
            self._entries.pop(key, None)
