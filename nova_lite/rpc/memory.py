# SPDX-License-Identifier: Apache-2.0
"""The bus inside one process: embedded mode and the functional tests.

The same text as over RabbitMQ, one pool of workers for each server. A message for somebody who
was there before waits for his return, as in a queue; for somebody never seen a caller waits
`patience` seconds and is then told so, and who casts is told at once.
"""

import itertools
import logging
from collections import defaultdict, deque
from collections.abc import Callable

from nova_lite.base import clock, concurrency
from nova_lite.domain import errors
from nova_lite.rpc.port import Dispatch

LOG = logging.getLogger(__name__)
_Address = tuple[str, str | None]


class Faults:
    """Faults on demand, for tests: each is for the next `times` messages of a method."""

    def __init__(self) -> None:
        self._lock = concurrency.Lock()
        self._rules: dict[str, deque[tuple[str, float]]] = defaultdict(deque)

    def drop(self, method: str, times: int = 1) -> None:
        """Lose the request: it never arrives."""
        self._add(method, "drop", 0.0, times)

    def lose_reply(self, method: str, times: int = 1) -> None:
        """Let the server do it, and lose the answer."""
        self._add(method, "lose_reply", 0.0, times)

    def delay(self, method: str, seconds: float, times: int = 1) -> None:
        """Deliver later."""
        self._add(method, "delay", seconds, times)

    def duplicate(self, method: str, times: int = 1) -> None:
        """Deliver twice."""
        self._add(method, "duplicate", 0.0, times)

    def clear(self) -> None:
        with self._lock:
            self._rules.clear()

    def _add(self, method: str, what: str, value: float, times: int) -> None:
        with self._lock:
            self._rules[method].extend([(what, value)] * times)

    def take(self, method: str) -> tuple[str, float]:
        """The fault for this message, or `("", 0)`."""
        if not self._rules:
            return "", 0.0
        with self._lock:
            rules = self._rules.get(method)
            return rules.popleft() if rules else ("", 0.0)


class _Message:
    """One text on its way, and the place for its reply."""

    def __init__(self, method: str, text: str) -> None:
        self.method = method
        self.text = text
        self.reply: str | None = None
        self.lost = False
        self.server: MemoryServer | None = None
        self.done = concurrency.Event()

    @property
    def in_hand(self) -> bool:
        """A living server works on it, or has it in its line."""
        return self.server is not None and not self.server.dead

    def answer(self, reply: str) -> None:
        if not self.lost:
            self.reply = reply
            self.done.set()


class MemoryServer:
    """A listening server. Made by `MemoryBus.serve`."""

    def __init__(
        self, bus: "MemoryBus", topic: str, name: str, dispatch: Dispatch, workers: int
    ) -> None:
        self.topic = topic
        self.name = name
        self._bus = bus
        self._dispatch = dispatch
        self._pool = concurrency.Pool(workers, name=f"rpc-{topic}")
        self.dead = False

    def deliver(self, message: _Message) -> bool:
        """False when this server has just stopped."""
        before, message.server = message.server, self
        try:
            self._pool.submit(self._handle, message)
        except RuntimeError:
            message.server = before
            return False
        return True

    def _handle(self, message: _Message) -> None:
        reply = self._dispatch(message.text)
        if not self.dead:
            message.answer(reply)
        if message.server is self:
            # A reply that was lost does not come any more: the caller must not wait for it.
            message.server = None

    def stop(self) -> None:
        self._bus.forget(self)
        self._pool.stop(timeout=0)

    def kill(self) -> None:
        """As if the process died: nothing that it does from now on is answered."""
        self.dead = True
        self.stop()

    def wait(self, timeout: float | None = None) -> bool:
        return self._pool.stop(timeout)


class MemoryBus:
    """A `Bus`. One object is one broker: all who shall hear each other share it."""

    def __init__(self, *, patience: float = 5.0) -> None:
        self.patience = patience
        self.faults = Faults()
        self._changed = concurrency.Condition()
        self._servers: dict[str, list[MemoryServer]] = {}
        self._turn = itertools.count()
        self._seen: set[_Address] = set()
        self._held: dict[_Address, deque[_Message]] = defaultdict(deque)

    def connect(self, stopping: Callable[[], bool] = lambda: False) -> None:
        """There is nothing to wait for."""

    def call(
        self,
        topic: str,
        server: str | None,
        method: str,
        text: str,
        *,
        timeout: float,
        monitor: float | None = None,
    ) -> str:
        message = _Message(method, text)
        self._send((topic, server), message, min(timeout, self.patience))
        if not self._answered(message, timeout, monitor) or message.reply is None:
            self._drop((topic, server), message)
            raise errors.RpcTimeout(
                service=topic, topic=topic, method=method, timeout=timeout, reason="timeout"
            )
        return message.reply

    @staticmethod
    def _answered(message: _Message, timeout: float, monitor: float | None) -> bool:
        """False when the time is over, or the server has been dead or absent for `monitor`."""
        if monitor is None:
            return message.done.wait(timeout)
        until = clock.monotonic() + timeout
        while not message.done.wait(min(monitor, max(0.0, until - clock.monotonic()))):
            if not message.in_hand or clock.monotonic() >= until:
                return False
        return True

    def _drop(self, address: _Address, message: _Message) -> None:
        """Nobody waits for the answer any more: who comes back later does not get it."""
        with self._changed:
            held = self._held.get(address)
            if held is not None and message in held:
                held.remove(message)

    def cast(self, topic: str, server: str | None, method: str, text: str) -> None:
        self._send((topic, server), _Message(method, text), 0)

    def fanout(self, topic: str, method: str, text: str) -> None:
        with self._changed:
            servers = list(self._servers.get(topic, ()))
        for server in servers:
            self._with_faults(_Message(method, text), server.deliver)

    def serve(
        self, topic: str, server: str, dispatch: Dispatch, *, workers: int = 64
    ) -> MemoryServer:
        handle = MemoryServer(self, topic, server, dispatch, workers)
        addresses: tuple[_Address, ...] = ((topic, None), (topic, server))
        with self._changed:
            self._servers.setdefault(topic, []).append(handle)
            self._seen.update(addresses)
            waiting = [m for address in addresses for m in self._held.pop(address, ())]
            self._changed.notify_all()
        for message in waiting:
            handle.deliver(message)
        return handle

    def forget(self, server: MemoryServer) -> None:
        """Send nothing more to this server."""
        with self._changed:
            servers = self._servers.get(server.topic, [])
            if server in servers:
                servers.remove(server)

    def close(self) -> None:
        with self._changed:
            servers = [s for of_topic in self._servers.values() for s in of_topic]
        for server in servers:
            server.stop()

    def _send(self, address: _Address, message: _Message, patience: float) -> None:
        with self._changed:
            known = self._changed.wait_for(lambda: address in self._seen, patience)
        if not known:
            topic, server = address
            raise errors.RpcUnreachable(
                service=f"{topic}.{server}" if server else topic, reason="nobody listens"
            )
        self._with_faults(message, lambda m: self._route(address, m))

    def _with_faults(self, message: _Message, deliver: Callable[[_Message], object]) -> None:
        fault, value = self.faults.take(message.method)
        if fault:
            LOG.debug("fault on demand: %s %s", fault, message.method)
        if fault == "drop":
            return
        if fault == "delay":
            concurrency.spawn(self._later, value, message, deliver)
            return
        message.lost = fault == "lose_reply"
        deliver(message)
        if fault == "duplicate":
            deliver(message)

    def _later(
        self, seconds: float, message: _Message, deliver: Callable[[_Message], object]
    ) -> None:
        concurrency.sleep(seconds)
        deliver(message)

    def _route(self, address: _Address, message: _Message) -> None:
        """Hand to one server of the address; keep it when there is none now."""
        topic, name = address
        while True:
            with self._changed:
                fit = [s for s in self._servers.get(topic, ()) if name in (None, s.name)]
                if not fit:
                    self._held[address].append(message)
                    return
                chosen = fit[next(self._turn) % len(fit)]
            if chosen.deliver(message):
                return
            self.forget(chosen)
