# SPDX-License-Identifier: Apache-2.0
"""Measuring: CPU seconds of a set of processes, wall time, and rows of results."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from tests.fixtures.daemons import cpu_seconds


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One figure. `target` in the same unit, None where there is none to meet: what is not to be
    exceeded, or, `at_least`, what is to be reached."""

    measure: str
    unit: str
    value: float
    target: float | None = None
    note: str = ""
    at_least: bool = False

    @property
    def met(self) -> bool | None:
        if self.target is None:
            return None
        return self.value >= self.target if self.at_least else self.value <= self.target


class Span(msgspec.Struct, kw_only=True):
    """Filled when the `with` block ends. cpu by name of process, and their sum."""

    wall: float = 0.0
    cpu: float = 0.0
    by_process: dict[str, float] = {}


class Meter:
    """`processes` gives (name, pid) of everything whose CPU time counts."""

    def __init__(self, processes: Callable[[], list[tuple[str, int]]]) -> None:
        self._processes = processes

    @contextmanager
    def span(self) -> Iterator[Span]:
        span = Span()
        before = {name: cpu_seconds(pid) for name, pid in self._processes()}
        began = time.monotonic()
        yield span
        span.wall = time.monotonic() - began
        after = {name: cpu_seconds(pid) for name, pid in self._processes()}
        span.by_process = {name: after[name] - before.get(name, 0.0) for name in after}
        span.cpu = sum(span.by_process.values())


def median(values: list[float]) -> float:
    return statistics.median(values)


def table(rows: list[Row]) -> str:
    """For people: one line a figure, with its target and whether it is met."""
    lines = [f"{'measure':58} {'value':>10} {'target':>10} unit"]
    for row in rows:
        target = "" if row.target is None else f"{row.target:g}"
        mark = {None: "", True: "met", False: "NOT MET"}[row.met]
        lines.append(
            f"{row.measure:58} {row.value:10.4g} {target:>10} {row.unit:14} {mark} {row.note}"
        )
    return "\n".join(line.rstrip() for line in lines)
