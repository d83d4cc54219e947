# SPDX-License-Identifier: Apache-2.0
"""Signs of life from a server to the callers of its long calls."""

import logging
from typing import Any

from nova_lite.base import clock, concurrency

LOG = logging.getLogger(__name__)

# Seconds that the thread stays when no call runs: another is likely to follow.
LINGER = 10.0


class LifeSigns:
    """Signs of life for monitored calls, by one thread for all that run."""

    def __init__(self) -> None:
        self._changed = concurrency.Condition()
        self._due: dict[int, tuple[float, float, Any]] = {}
        self._running = False

    def of(self, incoming: Any) -> "_Beat":
        """A context in which the caller of `incoming` hears that somebody works on it."""
        return _Beat(self, incoming)

    def add(self, incoming: Any) -> None:
        try:
            every = float(incoming.client_timeout) / 2
        except (TypeError, ValueError):
            return
        if every <= 0:
            return
        with self._changed:
            self._due[id(incoming)] = (clock.monotonic() + every, every, incoming)
            if not self._running:
                self._running = True
                concurrency.start_thread(self._run, name="rpc-life-signs")
            else:
                self._changed.notify()

    def remove(self, incoming: Any) -> None:
        with self._changed:
            self._due.pop(id(incoming), None)

    def stop(self) -> None:
        with self._changed:
            self._due.clear()

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._due and not self._changed.wait_for(lambda: self._due, LINGER):
                    self._running = False
                    return
                now = clock.monotonic()
                pause = min(at for at, _, _ in self._due.values()) - now
                if pause > 0:
                    self._changed.wait(pause)
                    continue
                ready = [entry for entry in self._due.values() if entry[0] <= now]
                for _, every, incoming in ready:
                    self._due[id(incoming)] = (now + every, every, incoming)
            for _, _, incoming in ready:
                self._beat(incoming)

    def _beat(self, incoming: Any) -> None:
        try:
            incoming.heartbeat()
        except Exception as error:  # broker or caller are gone: the call ends by its timeout
            LOG.debug("A sign of life for a call could not be sent: %s", error)
            self.remove(incoming)


class _Beat:
    def __init__(self, signs: LifeSigns, incoming: Any) -> None:
        self._signs = signs
        self._incoming = incoming

    def __enter__(self) -> None:
        self._signs.add(self._incoming)

    def __exit__(self, *details: Any) -> None:
        self._signs.remove(self._incoming)
