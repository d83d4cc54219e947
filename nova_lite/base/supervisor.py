# SPDX-License-Identifier: Apache-2.0
"""The parent of a daemon's worker processes: forks them, starts dead ones again, ends them.

What the parent has imported and built is shared by all workers in memory.
"""

import gc
import logging
import os
import signal
import sys
import time
from collections.abc import Callable

from nova_lite.base import concurrency

LOG = logging.getLogger(__name__)

# What a worker does: (say that it is ready, ask whether to complain) -> exit code.
Work = Callable[[Callable[[], None], Callable[[], bool]], int]

# The exit code of a worker that must not be started again: its configuration is wrong.
EXIT_CONFIGURATION = 78

# A worker that lives shorter than this (seconds) is started again later and later.
SHORT_LIFE = 5.0
LONGEST_REST = 30.0

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR2)


def leave(code: int) -> None:
    """End the process now: threads of libraries that nobody can stop must not keep it."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


class Supervisor:
    """Forks the workers, starts dead ones again, passes signals on."""

    def __init__(self, prog: str, work: Work, workers: int, all_ready: Callable[[], None]) -> None:
        """`all_ready` is called once, when every worker has said that it is ready."""
        self._prog = prog
        self._work = work
        self._all_ready = all_ready
        self._alive: dict[int, float] = {}  # pid -> when it was started
        self._due: list[float] = [0.0] * workers  # when missing workers may be started
        self._rest = 1.0
        self._stopping = False
        self._code = 0
        # Unpatched: a green read would start a hub in the parent and wait in it.
        self._os = concurrency.original("os")
        self._ready_reader, self._ready_writer = os.pipe()
        self._to_be_ready = workers
        # Nothing is ever written here; its end is the end of the parent.
        self._life_reader, self._life_writer = os.pipe()
        # One byte for all workers: who takes it writes the line about the configuration.
        self._complaint_reader, complaint_writer = os.pipe()
        os.set_blocking(self._complaint_reader, False)
        os.write(complaint_writer, b".")
        os.close(complaint_writer)

    def main(self) -> int:
        """The exit code. Signals are waited for and never handled in between, so that the
        parent needs no hub and no thread, and a fork copies neither."""
        signals = {*SIGNALS, signal.SIGCHLD}
        signal.pthread_sigmask(signal.SIG_BLOCK, signals)
        os.set_blocking(self._ready_reader, False)
        gc.collect()
        gc.freeze()  # what exists now is not looked at by collections, so its pages stay shared
        while True:
            self._start_due()
            if self._stopping and not self._alive:
                return self._code
            caught = signal.sigtimedwait(signals, self._pause())
            number = caught.si_signo if caught else None
            self._reap()
            self._count_ready()
            if number in (signal.SIGTERM, signal.SIGINT):
                self._stop(signal.SIGTERM)
            elif number in (signal.SIGHUP, signal.SIGUSR2):
                self._send(number)

    def _pause(self) -> float:
        if self._to_be_ready or self._due:
            return 0.1
        return 5.0

    def _start_due(self) -> None:
        now = time.monotonic()
        waiting = [] if self._stopping else self._due
        self._due = []
        for at in waiting:
            if at <= now:
                self._fork()
            else:
                self._due.append(at)

    def _fork(self) -> None:
        pid = os.fork()
        if pid:
            self._alive[pid] = time.monotonic()
            return
        code = 1
        try:
            os.close(self._ready_reader)
            os.close(self._life_writer)
            concurrency.after_fork()
            concurrency.start_thread(self._end_with_parent, name="parent-watch")
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {*SIGNALS, signal.SIGCHLD})
            code = self._work(self._tell_ready, self._first_to_complain)
        except BaseException:
            LOG.exception("A worker of %s failed", self._prog)
        finally:
            leave(code)

    def _end_with_parent(self) -> None:
        """In a worker: stop in order when the parent is gone, however it went."""
        os.read(self._life_reader, 1)
        LOG.error("%s: the parent is gone, worker %s stops", self._prog, os.getpid())
        os.kill(os.getpid(), signal.SIGTERM)

    def _tell_ready(self) -> None:
        os.write(self._ready_writer, b".")

    def _first_to_complain(self) -> bool:
        return os.read(self._complaint_reader, 1) == b"."

    def _count_ready(self) -> None:
        if not self._to_be_ready:
            return
        try:
            self._to_be_ready -= len(self._os.read(self._ready_reader, self._to_be_ready))
        except BlockingIOError:
            return
        if not self._to_be_ready:
            self._all_ready()

    def _reap(self) -> None:
        while self._alive:
            pid, status = self._os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            began = self._alive.pop(pid, None)
            if began is not None and not self._stopping:
                self._replace(pid, os.waitstatus_to_exitcode(status), time.monotonic() - began)

    def _replace(self, pid: int, code: int, lived: float) -> None:
        if code == EXIT_CONFIGURATION:
            self._code = 1
            self._stop(signal.SIGTERM)
            return
        self._rest = 1.0 if lived > SHORT_LIFE else min(self._rest * 2, LONGEST_REST)
        pause = 0.0 if lived > SHORT_LIFE else self._rest
        LOG.error(
            "%s: worker %s ended (%s) after %.0f s; another starts in %.0f s",
            self._prog,
            pid,
            f"signal {-code}" if code < 0 else f"exit code {code}",
            lived,
            pause,
        )
        self._due.append(time.monotonic() + pause)

    def _stop(self, number: int) -> None:
        self._stopping = True
        self._send(number)

    def _send(self, number: int) -> None:
        for pid in self._alive:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue
