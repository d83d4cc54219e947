# SPDX-License-Identifier: Apache-2.0
"""The step engine: do, record, undo, try again elsewhere, go on where another one stopped.

    POWER = Flow("power", (Step("call", do=call_compute, stored=False), Step("finish", do=finish)),
                 failed=back_to_former_state, seconds=...)

A step is a function of the run. What it returns (`Done`) is written in one transaction with the
run's progress; the last step's ends the run. `do` and `undo` must be safe to run twice, and
`undo` also when `do` never ran: a conductor may die at any moment, and another one begins again
with the first step that is not recorded. Step names are stored, so they must not change.
"""

import logging
import traceback
from collections.abc import Callable
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from nova_lite.base import clock
from nova_lite.conductor.run import NOTHING, Again, Done, Lost, Run, Step, Store
from nova_lite.domain import errors
from nova_lite.domain.brief import brief
from nova_lite.domain.events import ActionEvent
from nova_lite.domain.flow_run import Progress, Trouble

LOG = logging.getLogger(__name__)
UNDO_PATIENCE: Final = 30.0  # seconds that an undo waits for somebody who does not answer
SURPRISE_PATIENCE: Final = 5.0
FOREVER: Final = float("inf")

# Called at each point of a step (before, done, stored, undo, undone): tests crash there.
Probe = Callable[[str, Run, str], None]


def trouble_of(error: Exception) -> Trouble:
    """An exception as data; one that is not of the domain keeps its traceback for operators."""
    if isinstance(error, errors.NovaLiteError):
        return Trouble(code=error.code, message=error.message, values=error.values)
    details = "".join(traceback.format_exception(error))[-4000:]
    return Trouble(code="", message=type(error).__name__, details=details)


class Engine:
    """Drives runs. Stateless: any number of threads, one for a run at a time."""

    def __init__(self, store: Store, probe: Probe | None = None) -> None:
        self._store = store
        self._probe = probe or (lambda point, run, step: None)

    def drive(self, run: Run) -> float | None:
        """Work until the run has ended (None) or has to wait (seconds)."""
        again = run.driven
        run.driven = True
        while not run.ended:
            try:
                if again:
                    self._store.check(run)
                    again = False
                pause = self._undo(run) if run.record.undoing else self._do(run)
            except Lost:
                pause = self._lost(run)
            except errors.DatabaseUnavailable as error:
                LOG.warning("%s of %s waits: %s", run.flow.name, run.instance.uuid, error)
                pause = run.pause(FOREVER)
            if pause is not None:
                return pause
        return None

    def _do(self, run: Run) -> float | None:
        step = run.flow.steps[run.flow.index(run.record.step)]
        if step.when is not None and not step.when(run):
            run.record.step = self._after(run, step)
            return None
        self._probe("before", run, step.name)
        started = clock.now()
        try:
            if started >= run.record.deadline:
                raise errors.DeadlinePassed(what=run.record.action, step=step.name)
            outcome = step.do(run)
            self._probe("done", run, step.name)
            run.calm()
            if isinstance(outcome, Again):
                return outcome.seconds
            took = (clock.now() - started).total_seconds()
            LOG.debug("%s of %s: %s %.3f s", run.flow.name, run.instance.uuid, step.name, took)
            self._keep(run, step, outcome or NOTHING, started)
        except (Lost, errors.DatabaseUnavailable):
            raise
        except Exception as error:
            return self._fail(run, step, error, started)
        self._probe("stored", run, step.name)
        return None

    def _keep(self, run: Run, step: Step, done: Done, started: datetime) -> None:
        progress = self._learned(run, step, done, started)
        if step is run.flow.steps[-1]:
            self._store.finish(run, progress, done)
            run.ended = True
        elif step.stored:
            record = replace(run.record, step=self._after(run, step), progress=progress)
            self._store.advance(run, record, done)
        else:
            run.record.step, run.record.progress = self._after(run, step), progress

    def _fail(self, run: Run, step: Step, error: Exception, started: datetime) -> float | None:
        known = isinstance(error, errors.NovaLiteError)
        passing = isinstance(error, errors.Unavailable) or not known
        if passing and clock.now() < run.record.deadline:
            # What nobody foresaw may be a connection that broke: it gets a second chance.
            pause = run.pause(step.patience if known else min(step.patience, SURPRISE_PATIENCE))
            if pause is not None:
                return pause
        LOG.warning(
            "%s of %s failed at %s: %s",
            *(run.flow.name, run.instance.uuid, step.name, error),
            exc_info=None if known else error,
        )
        run.calm()
        retry = run.flow.retry
        again = retry is not None and retry.wants(run, error)
        progress = replace(
            run.progress,
            trouble=trouble_of(error),
            back_to=retry.back_to if again and retry else None,
            events=[*run.progress.events, *_event(run, step, started, error)],
        )
        record = replace(run.record, step=step.name, undoing=True, progress=progress)
        self._store.advance(run, record, NOTHING)
        # Steps behind this one may have been done for the host before, and kept.
        run.undo_at = run.flow.index(step.name) if progress.back_to else None
        return None

    def _undo(self, run: Run) -> float | None:
        steps, back_to = run.flow.steps, run.progress.back_to
        at = len(steps) - 1 if run.undo_at is None else run.undo_at
        floor = run.flow.index(back_to) if back_to else 0
        reached = run.flow.index(run.record.step)
        while at >= floor and not (steps[at].no_return and at < reached):
            step = steps[at]
            if step.undo is not None and not (back_to and step.kept):
                self._store.check(run)
                self._probe("undo", run, step.name)
                pause = self._undo_one(run, step)
                if pause is not None:
                    return pause
                self._probe("undone", run, step.name)
            at -= 1
            run.undo_at = at
        run.calm()
        if back_to and run.flow.retry is not None:
            done = run.flow.retry.again(run)
            results = {**run.progress.results, "retry": done.result}
            progress = replace(run.progress, trouble=None, back_to=None, results=results)
            record = replace(run.record, step=back_to, undoing=False, progress=progress)
            self._store.advance(run, record, done)
            run.undo_at = None
            return None
        trouble, done = run.progress.trouble, NOTHING
        if run.record.stop:
            done = run.flow.superseded(run) if run.flow.superseded else NOTHING
        elif trouble is not None:
            done = run.flow.failed(run, trouble)
        self._store.finish(run, run.progress, done)
        run.ended = True
        return None

    def _undo_one(self, run: Run, step: Step) -> float | None:
        try:
            step.undo(run)  # type: ignore[misc]
        except (Lost, errors.DatabaseUnavailable):
            raise
        except Exception as error:
            pause = run.pause(UNDO_PATIENCE)
            if pause is not None:
                return pause
            LOG.error(
                "%s of %s: undoing %s failed, something may be left behind: %s",
                *(run.flow.name, run.instance.uuid, step.name, error),
                exc_info=error,
            )
        run.calm()
        return None

    def _lost(self, run: Run) -> float | None:
        """Told to stop: undo all, and leave the instance's state to who took over."""
        if not self._store.stopped(run):
            LOG.info("%s of %s goes on elsewhere", run.flow.name, run.instance.uuid)
            run.ended = True
            return None
        LOG.info("%s of %s stops and is undone", run.flow.name, run.instance.uuid)
        run.undo_at = None
        progress = replace(run.progress, trouble=None, back_to=None)
        run.record = replace(run.record, undoing=True, stop=True, progress=progress)
        return None

    def _after(self, run: Run, step: Step) -> str:
        return run.flow.steps[run.flow.steps.index(step) + 1].name

    def _learned(self, run: Run, step: Step, done: Done, started: datetime) -> Progress:
        if done.result is None and step.event is None:
            return run.progress
        results = run.progress.results
        if done.result is not None:
            results = {**results, step.name: done.result}
        events = [*run.progress.events, *_event(run, step, started, None)]
        return replace(run.progress, results=results, events=events)


def _event(run: Run, step: Step, started: datetime, error: Exception | None) -> list[ActionEvent]:
    if step.event is None:
        return []
    known = error is None or isinstance(error, errors.NovaLiteError)
    return [
        ActionEvent(
            event=step.event(run) if callable(step.event) else step.event,
            start_time=started,
            finish_time=clock.now(),
            result="Error" if error else "Success",
            traceback=None if known else "".join(traceback.format_exception(error))[-4000:],
            host=run.instance.host or run.deps.conf.host,
            details=None if error is None else brief(str(error)),
        )
    ]
