# SPDX-License-Identifier: Apache-2.0
"""The log lines of a decision. Operators of other clouds search for the first two by heart."""

from collections.abc import Sequence

from nova_lite.domain.request import Selected
from nova_lite.scheduler.pipeline import Outcome, Stage


def filter_line(stage: Stage) -> str:
    return f"Filter {stage.name} returned {stage.end} host(s)"


def nothing_left_line(uuid: str, stages: Sequence[Stage]) -> str:
    results = [f"{stage.name}: (start: {stage.start}, end: {stage.end})" for stage in stages]
    return (
        f"Filtering removed all hosts for the request with instance ID '{uuid}'. "
        f"Filter results: {results}"
    )


def summary_line(outcome: Outcome) -> str:
    """`42 hosts: 30 ComputeFilter, 10 MEMORY_MB, 2 left; 1 of 1 servers placed`."""
    selected = outcome.selected
    by_count = sorted(selected.counts.items(), key=lambda item: (-item[1], item[0]))
    parts = [f"{count} {check}" for check, count in by_count]
    parts.append(f"{outcome.left} left")
    placed = placed_of(selected)
    hosts = "1 host" if selected.considered == 1 else f"{selected.considered} hosts"
    wanted = len(selected.selections)
    return f"{hosts}: {', '.join(parts)}; {placed} of {wanted} servers placed"


def placed_of(selected: Selected) -> int:
    """How many of the servers got a host."""
    return sum(1 for selection in selected.selections if selection.hosts)
