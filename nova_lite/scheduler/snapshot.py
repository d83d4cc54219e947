# SPDX-License-Identifier: Apache-2.0
"""The hosts as this scheduler sees them: read from the conductor in small differences, and
taken from at once when a server is placed.

Nobody locks a host: another scheduler may take the same room, and then the claim at the
conductor refuses. What was taken here and never claimed comes back: with the next change of the
host, when the picks are forgotten, or after `FORGET` seconds.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeVar

from nova_lite.base import clock, concurrency
from nova_lite.domain import errors
from nova_lite.domain.host import HostDelta, HostState
from nova_lite.domain.request import RequestSpec
from nova_lite.scheduler.pipeline import Consume, consume

LOG = logging.getLogger(__name__)
T = TypeVar("T")

MAX_AGE = 1.0  # seconds: an older snapshot is read again before a decision
USABLE = 60.0  # seconds: so old a snapshot may still be used while nobody answers
FORGET = 10.0  # seconds: a pick that no claim followed is forgotten

Read = Callable[[int], HostDelta]
Decide = Callable[[Sequence[HostState], Consume], T]


class _Before(NamedTuple):
    """A host before servers were placed on it here."""

    since: float
    used: dict[str, int]
    instances: int
    io_workload: int


class Snapshot:
    """May be used from many threads: one reads while others wait for what it reads."""

    def __init__(self, read: Read) -> None:
        """`read(since)`: the hosts whose generation is newer; see Conductor.list_hosts."""
        self._read = read
        self._changed = concurrency.Condition()
        self._reading = False
        self._hosts: dict[str, HostState] = {}
        self._before: dict[str, _Before] = {}
        self._generation = 0
        self._as_of = float("-inf")

    @property
    def age(self) -> float:
        """Seconds since what is here was true; infinite before the first reading."""
        return clock.monotonic() - self._as_of

    def __len__(self) -> int:
        return len(self._hosts)

    def refresh(self, *, fresh: bool = False, full: bool = False) -> None:
        """Read unless it is young enough; `fresh`: unless it was read after this call began;
        `full`: all hosts, not the difference alone.

        Raises Unavailable when nobody answers and what is here is too old to go by.
        """
        asked = clock.monotonic()
        oldest = asked if fresh or full else asked - MAX_AGE
        with self._changed:
            while self._reading and (full or self._as_of < oldest):
                self._changed.wait()
            if not full and self._as_of >= oldest:
                return
            self._reading = True
        try:
            self._read_once(full)
        except errors.Unavailable as error:
            if self.age > USABLE:
                raise
            LOG.warning("Deciding by hosts as of %.1f s ago: %s", self.age, error.message)
        finally:
            with self._changed:
                self._reading = False
                self._changed.notify_all()

    def decide(self, fn: Decide[T], *, forget: bool = False) -> T:
        """Call `fn(hosts, consume)` while nothing changes. `forget`: go by what the conductor
        said, without the picks that were made here since."""
        with self._changed:
            now = clock.monotonic()
            self._put_back([n for n, b in self._before.items() if forget or now - b.since > FORGET])
            return fn(list(self._hosts.values()), self._consume)

    def _consume(self, host: HostState, request: RequestSpec) -> None:
        if host.node_uuid not in self._before:
            self._before[host.node_uuid] = _Before(
                clock.monotonic(), dict(host.used), host.instances, host.io_workload
            )
        consume(host, request)

    def _put_back(self, nodes: Iterable[str]) -> None:
        for node in nodes:
            before = self._before.pop(node)
            host = self._hosts.get(node)
            if host is not None:
                host.used = before.used
                host.instances = before.instances
                host.io_workload = before.io_workload

    def _read_once(self, full: bool) -> None:
        began = clock.monotonic()
        since = 0 if full else self._generation
        delta = self._read(since)
        with self._changed:
            self._apply(delta, delta.full or since == 0)
            self._as_of = began

    def _apply(self, delta: HostDelta, full: bool) -> None:
        if full:
            known = {host.node_uuid for host in delta.hosts}
            for node in self._hosts.keys() - known:
                self._drop(node)
        for node in delta.removed:
            self._drop(node)
        for host in delta.hosts:
            old = self._hosts.get(host.node_uuid)
            # A difference may repeat what is known; picks are kept until something changed.
            if old is None or old.generation != host.generation or full:
                self._before.pop(host.node_uuid, None)
                self._hosts[host.node_uuid] = host
        self._generation = delta.generation

    def _drop(self, node: str) -> None:
        self._hosts.pop(node, None)
        self._before.pop(node, None)
