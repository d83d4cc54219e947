# SPDX-License-Identifier: Apache-2.0
"""Who works on runs: pools of threads, the heartbeat of this conductor, and taking over.

One incarnation of a conductor is an owner. It says every few seconds that it lives, once for
all its runs. A run whose owner is silent is taken by compare and swap and goes on here.
"""

import heapq
import itertools
import logging
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, Final

import msgspec

from nova_lite.base import clock, concurrency
from nova_lite.base import context as base_context
from nova_lite.base.context import RequestContext
from nova_lite.conductor.deps import Deps
from nova_lite.conductor.flow import Engine, Probe
from nova_lite.conductor.run import Flow, Run
from nova_lite.conductor.run_store import RunStore
from nova_lite.db.cell import flow_runs, instances
from nova_lite.db.engine import Tx
from nova_lite.domain import errors
from nova_lite.domain.cell import Cell
from nova_lite.domain.flow_run import FlowRun

LOG = logging.getLogger(__name__)

BEAT: Final = 4.0  # seconds between heartbeats
SILENCE: Final = 20.0  # seconds after which an owner counts as dead
HAND_OVER: Final = 5.0  # seconds that steps under way get when this conductor stops
TAKE_AT_ONCE: Final = 100

_context_decoder = msgspec.json.Decoder(RequestContext)


class Runner:
    """A part of the conductor (start, stop, wait). `flows` by name."""

    def __init__(
        self,
        deps: Deps,
        flows: Mapping[str, Flow],
        *,
        probe: Probe | None = None,
        beat: float = BEAT,
        silence: float = SILENCE,
    ) -> None:
        self.deps = deps
        self.flows = flows
        self.owner = f"{deps.host}:{os.getpid()}:{secrets.token_hex(4)}"
        self._engine = Engine(RunStore(deps.databases), probe)
        self._beat = beat
        self._silence = timedelta(seconds=silence)
        size = deps.conf.conductor.max_concurrent_flows
        self._pools = {name: concurrency.Pool(size, name=f"flow-{name}") for name in flows}
        self._runs: dict[str, Run] = {}
        self._due: list[tuple[float, int, str]] = []
        self._number = itertools.count()
        self._changed = concurrency.Condition()
        self._stopping = False
        self._loop: concurrency.Task[None] | None = None

    # --- runs ---------------------------------------------------------------------------------

    def submit(
        self, runs: Sequence[Run], prepare: Callable[[Sequence[Run]], None] | None = None
    ) -> None:
        """Work on runs that are recorded with this owner. `prepare` does the first steps of
        all of them together."""
        with self._changed:
            if self._stopping:
                return
            self._runs.update({run.record.id: run for run in runs})
        if prepare is None:
            self._queue_all(runs)
        else:
            concurrency.spawn(self._prepare, runs, prepare)

    def _prepare(self, runs: Sequence[Run], prepare: Callable[[Sequence[Run]], None]) -> None:
        try:
            prepare(runs)
        except Exception:
            LOG.exception("%d runs begin one by one", len(runs))
        self._queue_all(runs)

    def _queue_all(self, runs: Sequence[Run]) -> None:
        for run in runs:
            self._queue(run)

    def _queue(self, run: Run) -> None:
        try:
            self._pools[run.flow.name].submit(self._work, run)
        except RuntimeError:
            LOG.info("%s of %s is left to another one", run.flow.name, run.instance.uuid)

    def _work(self, run: Run) -> None:
        pause = None
        try:
            with base_context.use(run.context):
                pause = self._engine.drive(run)
        except Exception:
            LOG.exception("%s of %s: will be tried again", run.flow.name, run.instance.uuid)
            pause = self._beat
        finally:
            with self._changed:
                if pause is None or self._stopping:
                    self._runs.pop(run.record.id, None)
                    self._changed.notify_all()
                else:
                    due = clock.monotonic() + pause
                    heapq.heappush(self._due, (due, next(self._number), run.record.id))
                    self._changed.notify_all()

    def wake(self, *, host: str | None = None, instance_uuid: str | None = None) -> None:
        """Go on at once with waiting runs of this host or server."""
        with self._changed:
            waiting, self._due = self._due, []
            for due, number, run_id in waiting:
                run = self._runs.get(run_id)
                fits = run is not None and (
                    run.instance.host == host if host else run.instance.uuid == instance_uuid
                )
                self._due.append((0.0 if fits else due, number, run_id))
            heapq.heapify(self._due)
            self._changed.notify_all()

    def drain(self, timeout: float) -> bool:
        """Wait until no run is in hand; False when some still was after `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._runs, timeout)

    def wait_for(self, run: Run, timeout: float) -> bool:
        """Wait until this run has ended; False when it has not, or is no longer in hand here."""
        with self._changed:
            self._changed.wait_for(lambda: run.record.id not in self._runs, timeout)
        return run.ended

    @property
    def active(self) -> int:
        """Runs that this process has in hand."""
        return len(self._runs)

    # --- living -------------------------------------------------------------------------------

    def start(self) -> None:
        self._say_alive()
        self._loop = concurrency.spawn(self._live)

    def stop(self) -> None:
        """Begin nothing more. `wait` hands over what is left."""
        with self._changed:
            self._stopping = True
            self._due.clear()
            self._changed.notify_all()

    def wait(self, timeout: float | None = None) -> bool:
        """Let the steps under way end if that is soon, and hand everything else over.

        What still runs then is lost to its new owner, who asks for the same step again."""
        until = clock.monotonic() + (HAND_OVER if timeout is None else min(timeout, HAND_OVER))
        for pool in self._pools.values():
            pool.stop(max(0.0, until - clock.monotonic()))
        self._each_cell("handing over", lambda tx: flow_runs.retire(tx, self.owner))
        return True

    def _live(self) -> None:
        next_beat = clock.monotonic() + self._beat
        while True:
            with self._changed:
                if self._stopping:
                    return
                now = clock.monotonic()
                wake_at = min(next_beat, self._due[0][0] if self._due else next_beat)
                if wake_at > now:
                    self._changed.wait(wake_at - now)
                ready = self._take_due()
            for run in ready:
                self._queue(run)
            if clock.monotonic() >= next_beat:
                self._say_alive()
                self.take_over()
                next_beat = clock.monotonic() + self._beat

    def _take_due(self) -> list[Run]:
        ready, now = [], clock.monotonic()
        while self._due and self._due[0][0] <= now:
            run = self._runs.get(heapq.heappop(self._due)[2])
            if run is not None:
                ready.append(run)
        return ready

    def _say_alive(self) -> None:
        self._each_cell("saying that it lives", lambda tx: flow_runs.beat(tx, self.owner))

    def _each_cell(self, what: str, fn: Any) -> None:
        """A write in every cell; a cell that does not answer is logged and left out."""
        for cell in self._cells():
            try:
                self.deps.databases.run_cell(cell, fn, idempotent=True)
            except errors.DatabaseUnavailable as error:
                LOG.warning("cell %s: %s failed: %s", cell.name or cell.uuid, what, error)

    def _cells(self) -> list[Cell]:
        try:
            return self.deps.databases.cells()
        except errors.DatabaseUnavailable as error:
            LOG.warning("the cells cannot be read: %s", error)
            return []

    def leads(self, cell: Cell) -> bool:
        """True for one of all living conductors: the one whose name comes first."""
        since = clock.now() - self._silence
        with self.deps.databases.read_cell(cell) as tx:
            return flow_runs.first_owner(tx, since) == self.owner

    # --- taking over --------------------------------------------------------------------------

    def take_over(self) -> int:
        """Take the runs of dead owners, and go on with them; how many there were."""
        taken = 0
        for cell in self._cells():
            try:
                runs = self._take_from(cell)
            except errors.DatabaseUnavailable as error:
                LOG.warning("cell %s: taking over failed: %s", cell.name or cell.uuid, error)
                continue
            taken += len(runs)
            self.submit(runs)
        return taken

    def _take_from(self, cell: Cell) -> list[Run]:
        older = clock.now() - self._silence
        with self.deps.databases.read_cell(cell) as tx:
            orphans = flow_runs.orphans(tx, older, TAKE_AT_ONCE)
        runs = []
        for record in orphans:
            if record.owner == self.owner or not self._knows(record):
                continue
            if self.deps.databases.run_cell(cell, partial(self._take, record)):
                record.owner = self.owner
                run = self.resume(cell, record)
                if run is not None:
                    LOG.info("%s of %s goes on here", run.flow.name, run.instance.uuid)
                    runs.append(run)
        return runs

    def _knows(self, record: FlowRun) -> bool:
        """False for a run of another release: its own kind will take it."""
        flow = self.flows.get(record.flow)
        return flow is not None and any(step.name == record.step for step in flow.steps)

    def _take(self, record: FlowRun, tx: Tx) -> bool:
        return flow_runs.take(tx, record, self.owner)

    def resume(self, cell: Cell, record: FlowRun) -> Run | None:
        """A run made from its record; None (and it is forgotten) when its server is gone."""
        try:
            with self.deps.databases.read_cell(cell) as tx:
                instance = instances.get(tx, record.instance_uuid, deleted=None)
        except errors.NotFound as error:
            LOG.error("run %s of %s: %s", record.id, record.instance_uuid, error)
            self.deps.databases.run_cell(cell, lambda tx: flow_runs.drop(tx, record.id))
            return None
        if record.stop:
            record.undoing, record.progress.trouble = True, None
        context = _context_decoder.decode(record.context)
        return Run(record, self.flows[record.flow], cell, instance, context, self.deps)
