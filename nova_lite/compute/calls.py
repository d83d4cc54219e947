# SPDX-License-Identifier: Apache-2.0
"""One call at a time for each server, and each call once.

Calls about a server run one after the other, in the order in which they came. A call that is
the same as the last one in that line does not run again: it waits for that one and gets what
it got. So a repeated request (a conductor that took a flow over, a message delivered twice)
does no harm, whatever the method does.
"""

from collections import deque
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from nova_lite.base import concurrency

T = TypeVar("T")

Key = tuple[Hashable, ...]  # the name of the call, then what makes it different from others


class _Call:
    """One place in the line of a server."""

    def __init__(self, key: Key) -> None:
        self.key = key
        self.turn = concurrency.Event()
        self.done = concurrency.Event()
        self.result: Any = None
        self.error: BaseException | None = None

    def outcome(self) -> Any:
        if self.error is not None:
            raise self.error
        return self.result


class InstanceCalls:
    """The lines of all servers of one host."""

    def __init__(self) -> None:
        self._lock = concurrency.Lock()
        self._lines: dict[str, deque[_Call]] = {}

    def run(self, uuid: str, key: Key, fn: Callable[[], T]) -> T:
        """Call `fn` when it is its turn, or wait for the same call that is there already."""
        with self._lock:
            line = self._lines.setdefault(uuid, deque())
            same = bool(line) and line[-1].key == key
            call = line[-1] if same else _Call(key)
            if not same:
                line.append(call)
                if len(line) == 1:
                    call.turn.set()
        if same:
            call.done.wait()
            return call.outcome()
        call.turn.wait()
        try:
            call.result = fn()
        except BaseException as error:
            call.error = error
            raise
        finally:
            self._end(uuid, call)
        return call.result

    def _end(self, uuid: str, call: _Call) -> None:
        with self._lock:
            line = self._lines[uuid]
            line.popleft()
            if line:
                line[0].turn.set()
            else:
                del self._lines[uuid]
        call.done.set()

    def busy(self, uuid: str) -> bool:
        """True while a call about this server runs or waits."""
        return uuid in self._lines

    def waiting(self, uuid: str, names: frozenset[str]) -> bool:
        """True when a call of one of these names waits behind the one that runs. It takes no
        lock, so that it can be asked from native threads."""
        return any(call.key[0] in names for call in list(self._lines.get(uuid, ()))[1:])

    def awaits(self, uuid: str, name: str) -> bool:
        """True when a call of that name waits behind the one that runs."""
        with self._lock:
            line = self._lines.get(uuid, ())
            return any(call.key[0] == name for at, call in enumerate(line) if at > 0)
