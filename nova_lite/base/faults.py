# SPDX-License-Identifier: Apache-2.0
"""Faults on demand for the fakes: the next calls of a method fail, hang, or end the process.

From code: `faults.fail("spawn", times=2)`. From outside: a file with a JSON list, read again
whenever it has changed, for instance

    [{"call": "spawn", "do": "fail", "host": "node-1", "after": 3, "times": 2},
     {"call": "destroy", "do": "hang", "seconds": 5},
     {"call": "spawn", "do": "crash"}]

`do`: fail (the error that another try may cure), abort (none would), hang, crash (the process
ends at once, as by kill -9). `after`: so many calls go well first. `times`: then so many are
hit; 0 means all of them. `host`, `uuid`: only calls for these.
"""

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec

from nova_lite.base import clock, concurrency
from nova_lite.domain import errors

LOG = logging.getLogger(__name__)

Kind = Literal["fail", "abort", "hang", "crash"]
CRASHED = 137  # exit code: what the shell says of kill -9


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry. `seconds` is for hang."""

    call: str
    do: Kind = "fail"
    host: str | None = None
    uuid: str | None = None
    after: int = 0
    times: int = 1
    seconds: float = 60.0


class _Armed:
    """A fault and how often it was met."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.met = 0

    def hits(self, call: str, host: str | None, uuid: str | None) -> bool:
        fault = self.fault
        if fault.call != call or fault.host not in (None, host) or fault.uuid not in (None, uuid):
            return False
        self.met += 1
        over = self.met - fault.after
        return over > 0 and (fault.times == 0 or over <= fault.times)


def _end_process() -> None:
    os._exit(CRASHED)


class Faults:
    """What shall go wrong. One object may serve several fakes."""

    def __init__(self, file: Path | None = None, crash: Callable[[], None] = _end_process) -> None:
        """`crash`: what is done instead of ending this process, where it holds a test."""
        self._file = file
        self._crash = crash
        self._lock = concurrency.Lock()
        self._armed: list[_Armed] = []
        self._of_file: list[_Armed] = []
        self._stamp: tuple[int, int] | None = None

    def arm(self, fault: Fault) -> None:
        with self._lock:
            self._armed.append(_Armed(fault))

    def fail(self, call: str, *, times: int = 1, after: int = 0, uuid: str | None = None) -> None:
        """The next calls fail, and another try may go well."""
        self.arm(Fault(call=call, times=times, after=after, uuid=uuid))

    def abort(self, call: str, *, times: int = 1, uuid: str | None = None) -> None:
        """The next calls fail for good."""
        self.arm(Fault(call=call, do="abort", times=times, uuid=uuid))

    def hang(self, call: str, seconds: float, *, times: int = 1) -> None:
        """The next calls take that much longer."""
        self.arm(Fault(call=call, do="hang", seconds=seconds, times=times))

    def crash(self, call: str, *, after: int = 0) -> None:
        """The next call ends the process."""
        self.arm(Fault(call=call, do="crash", after=after))

    def clear(self) -> None:
        with self._lock:
            self._armed.clear()

    def meet(
        self,
        call: str,
        *,
        fail: Callable[[str], Exception],
        abort: Callable[[str], Exception] | None = None,
        host: str | None = None,
        uuid: str | None = None,
    ) -> None:
        """Called where something may go wrong. `fail` and `abort` make the errors to raise."""
        if not self._armed and self._file is None:
            return
        fault = self._next(call, host, uuid)
        if fault is None:
            return
        LOG.warning("Fault on demand: %s %s", fault.do, call)
        if fault.do == "crash":
            self._crash()
        elif fault.do == "hang":
            clock.sleep(fault.seconds)
        elif fault.do == "abort" and abort is not None:
            raise abort("a fault was asked for")
        else:
            raise fail("a fault was asked for")

    def _next(self, call: str, host: str | None, uuid: str | None) -> Fault | None:
        with self._lock:
            self._read_file()
            # Every one of them counts the call, also when another one is the first to hit.
            hits = [one for one in (*self._armed, *self._of_file) if one.hits(call, host, uuid)]
        return hits[0].fault if hits else None

    def _read_file(self) -> None:
        if self._file is None:
            return
        try:
            found = self._file.stat()
            stamp = (found.st_mtime_ns, found.st_size)
            if stamp == self._stamp:
                return
            self._stamp = stamp
            text = self._file.read_bytes()
            self._of_file = [_Armed(f) for f in msgspec.json.decode(text, type=list[Fault])]
        except FileNotFoundError:
            self._stamp, self._of_file = None, []
        except msgspec.DecodeError as error:
            raise errors.ConfigurationError(
                option="[fake] faults_file", reason=f"{self._file}: {error}"
            ) from error
