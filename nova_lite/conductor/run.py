# SPDX-License-Identifier: Apache-2.0
"""What flows are made of: steps, what they return, and a flow at work on an instance."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from nova_lite.base import clock
from nova_lite.base.context import RequestContext
from nova_lite.conductor.deps import Deps
from nova_lite.domain.cell import Cell
from nova_lite.domain.flow_run import FlowRun, Progress, Trouble
from nova_lite.domain.instance import Instance, InstancePatch

FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 5.0


class Lost(Exception):
    """The run is not ours any more: taken over by another conductor, or told to stop."""


@dataclass(frozen=True)
class Done:
    """What a step leaves: `result` is kept under its name (plain JSON), `write(tx)` is called and
    `patch` written to the instance in one cell transaction. What `write` raises fails the step."""

    result: Any = None
    patch: InstancePatch | None = None
    write: Callable[[Any], None] | None = None


@dataclass(frozen=True)
class Again:
    """Call the step again after so many seconds."""

    seconds: float


NOTHING: Final = Done()
Do = Callable[["Run"], "Done | Again | None"]


@dataclass(frozen=True)
class Step:
    """`when` false: skipped. stored False: not recorded, done again by who takes over.
    patience: seconds to repeat it while somebody is unavailable. event: its name among the
    events of the instance action. kept: not undone when the run goes back to try elsewhere.
    no_return: what is done up to here is never undone, once this step is done."""

    name: str
    do: Do
    undo: Callable[["Run"], None] | None = None
    when: Callable[["Run"], bool] | None = None
    stored: bool = True
    patience: float = 0.0
    event: "str | Callable[[Run], str] | None" = None
    kept: bool = False
    no_return: bool = False


@dataclass(frozen=True)
class NextHost:
    """After a failure that `wants` to be tried elsewhere, undo down to `back_to` and begin
    there again; `again` gives what is written then."""

    back_to: str
    wants: Callable[["Run", Exception], bool]
    again: Callable[["Run"], Done]


@dataclass(frozen=True)
class Flow:
    """`failed` gives what is written when all is undone, `superseded` the same when somebody else
    took the instance over (its state is theirs then); `seconds` is the time limit."""

    name: str
    steps: tuple[Step, ...]
    failed: Callable[["Run", Trouble], Done]
    seconds: Callable[[Any], float]
    retry: NextHost | None = None
    superseded: Callable[["Run"], Done] | None = None

    def index(self, name: str) -> int:
        """Raises ValueError for a step that this release does not have."""
        return [step.name for step in self.steps].index(name)


class Run:
    """A flow at work on one instance, in this process. `secrets` are never stored."""

    def __init__(
        self,
        record: FlowRun,
        flow: Flow,
        cell: Cell,
        instance: Instance,
        context: RequestContext,
        deps: Deps,
        secrets: Mapping[str, Any] | None = None,
    ) -> None:
        self.record = record
        self.flow = flow
        self.cell = cell
        self.instance = instance
        self.context = context
        self.deps = deps
        self.secrets = dict(secrets or {})
        self.ended = False
        self.driven = False
        self.undo_at: int | None = None
        self._troubled: float | None = None
        self._pauses = 0

    @property
    def progress(self) -> Progress:
        return self.record.progress

    def result(self, step: str) -> Any:
        """What a step returned, None before that."""
        return self.record.progress.results.get(step)

    def remaining(self) -> float:
        """Seconds until the deadline, at least one."""
        return max(1.0, (self.record.deadline - clock.now()).total_seconds())

    def pause(self, patience: float) -> float | None:
        """How long to wait before trying again; None when the patience is at its end."""
        now = clock.monotonic()
        if self._troubled is None:
            self._troubled = now
        if now - self._troubled >= patience:
            return None
        self._pauses += 1
        return float(min(FIRST_PAUSE * 2 ** min(self._pauses - 1, 8), LONGEST_PAUSE))

    def calm(self) -> None:
        """Trouble is over: the next one gets the whole patience."""
        self._troubled, self._pauses = None, 0


class Store(Protocol):
    """Where runs are recorded. Every method is one transaction and raises Lost when the run is
    not ours or was told to stop."""

    def advance(self, run: Run, record: FlowRun, done: Done) -> None: ...

    def finish(self, run: Run, progress: Progress, done: Done) -> None:
        """The end, good or (progress.trouble) bad: the patch, the fault, the action with its
        events, and the run is gone."""
        ...

    def check(self, run: Run) -> None:
        """Raises Lost unless the run is ours and goes on: asked before what cannot be taken
        back is done after a pause, in which another one may have taken it over."""
        ...

    def stopped(self, run: Run) -> bool:
        """After Lost: True when the run is ours, but was told to stop."""
        ...
