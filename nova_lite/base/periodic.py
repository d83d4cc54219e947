# SPDX-License-Identifier: Apache-2.0
"""Jobs that a daemon does again and again: heartbeats, reports, clean-ups."""

import logging
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from nova_lite.base import clock, concurrency
from nova_lite.base import context as base_context
from nova_lite.base.context import RequestContext

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """A row of a daemon's table of jobs.

    `interval`: seconds from one start to the next; zero or less: never. `at_start`: the first
    run is at once, else after a random part of `spread` seconds (by default of the interval),
    so that many daemons started together do not beat together.
    """

    name: str
    interval: float
    fn: Callable[[RequestContext], object]
    at_start: bool = False
    spread: float | None = None


class Periodic:
    """Runs a table of jobs, each in a thread of its own: one that hangs stops no other.

    A run that takes longer than its interval is followed by the next at once, never by two.
    What a run raises is logged, and the next comes as if nothing happened.
    """

    def __init__(self, jobs: Iterable[Job]) -> None:
        self._jobs = [job for job in jobs if job.interval > 0]
        self._stopping = concurrency.Event()
        self._tasks: list[concurrency.Task[None]] = []
        self._nudges = {job.name: concurrency.Event() for job in self._jobs}

    def start(self) -> None:
        self._tasks = [concurrency.spawn(self._repeat, job) for job in self._jobs]

    def stop(self) -> None:
        self._stopping.set()
        for nudge in self._nudges.values():
            nudge.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Until the runs that are under way have ended; False when some has not in time."""
        deadline = None if timeout is None else clock.monotonic() + timeout
        for task in self._tasks:
            left = None if deadline is None else max(0.0, deadline - clock.monotonic())
            try:
                task.wait(left)
            except TimeoutError:
                return False
        return True

    def nudge(self, name: str) -> None:
        """Run a job now instead of when it is due. LookupError for an unknown name."""
        self._nudges[name].set()

    def _repeat(self, job: Job) -> None:
        pause = 0.0
        if not job.at_start:
            spread = job.interval if job.spread is None else job.spread
            pause = random.uniform(0, spread)
        while not self._pause(job, pause):
            began = clock.monotonic()
            run_once(job)
            pause = max(0.0, job.interval - (clock.monotonic() - began))

    def _pause(self, job: Job, seconds: float) -> bool:
        nudge = self._nudges[job.name]
        nudge.wait(seconds)
        if self._stopping.is_set():
            return True
        nudge.clear()
        # A job with no pause left still lets others run.
        concurrency.yield_now()
        return self._stopping.is_set()


def run_once(job: Job) -> bool:
    """One run under a context and request id of its own; False when it raised."""
    with base_context.use(base_context.service_context()) as context:
        try:
            job.fn(context)
        except Exception:
            LOG.exception("Periodic job %s failed", job.name)
            return False
    return True
