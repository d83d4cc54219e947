# SPDX-License-Identifier: Apache-2.0
"""The beginning of many builds of one request: one selection, few transactions.

What goes wrong here for one server is left to its own flow, which does the same alone.
"""

import logging
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from nova_lite.base import context as base_context
from nova_lite.conductor.run import Done, Lost, Run
from nova_lite.conductor.run_store import patched
from nova_lite.conductor.steps import place
from nova_lite.db.api import allocations
from nova_lite.db.cell import flow_runs, instances
from nova_lite.db.engine import Tx
from nova_lite.domain import errors
from nova_lite.domain.flow_run import FlowRun
from nova_lite.domain.request import Pick, SelectRequest

LOG = logging.getLogger(__name__)
CHUNK: Final = 20  # servers in one transaction: locks are held for as long as it takes


def begin(runs: Sequence[Run]) -> None:
    """Choose hosts, claim and record for all runs, which then stand behind `claim`; those for
    which that did not work stand at their first step as before."""
    first = runs[0]
    with base_context.use(first.context):
        try:
            _select(runs)
            if place.spec_of(first).group is not None:
                # Each is checked against the others when its host is written.
                return
            chosen = [run for run in runs if run.secrets.get("picks")]
            for start in range(0, len(chosen), CHUNK):
                _place(chosen[start : start + CHUNK])
        except (Lost, errors.NovaLiteError) as error:
            LOG.info("%d builds begin one by one: %s", len(runs), error)


def _select(runs: Sequence[Run]) -> None:
    first = runs[0]
    request = SelectRequest(
        spec=place.spec_of(first),
        uuids=[run.instance.uuid for run in runs],
        alternates=first.deps.conf.scheduler.max_attempts - 1,
    )
    selected = first.deps.clients.scheduler.select(first.context, request=request)
    hosts = {selection.uuid: selection.hosts for selection in selected.selections}
    for run in runs:
        run.secrets["picks"] = hosts.get(run.instance.uuid, [])
        if not run.secrets["picks"]:
            run.secrets["selected"] = selected


def _place(runs: Sequence[Run]) -> None:
    claimed = _claim(runs)
    if claimed:
        _record(claimed)


def _claim(runs: Sequence[Run]) -> list[Run]:
    """One transaction for all; where one claim is refused, each run claims alone later."""
    spec = place.spec_of(runs[0])
    in_order = sorted(runs, key=lambda run: (run.secrets["picks"][0].node_uuid, run.instance.uuid))

    def write(tx: Tx) -> None:
        for run in in_order:
            pick = run.secrets["picks"][0]
            allocations.claim(tx, run.instance.uuid, pick.node_uuid, spec.resources)

    try:
        runs[0].deps.databases.run_api(write)
    except errors.ClaimRefused:
        return []
    return list(runs)


def _record(runs: Sequence[Run]) -> None:
    """Hosts and progress of all in one transaction, one UPDATE for each host."""
    by_host: dict[tuple[str, str], list[tuple[Run, FlowRun, Done]]] = defaultdict(list)
    for run in runs:
        picks: list[Pick] = list(run.secrets["picks"])
        done = place.placed(run, picks[0], picks[1:], [])
        progress = replace(run.progress, results={**run.progress.results, "claim": done.result})
        after = run.flow.steps[run.flow.index("claim") + 1].name
        record = replace(run.record, step=after, progress=progress)
        by_host[picks[0].host, picks[0].node].append((run, record, done))

    def write(tx: Tx) -> None:
        for group in by_host.values():
            uuids = sorted(run.instance.uuid for run, _, _ in group)
            patch = group[0][2].patch
            assert patch is not None  # noqa: S101 - placed() gives one
            if instances.patch(tx, uuids, patch) != len(uuids):
                raise Lost
        for group in by_host.values():
            for _, record, _ in group:
                if not flow_runs.advance(tx, record):
                    raise Lost

    runs[0].deps.databases.run_cell(runs[0].cell, write, idempotent=True)
    for group in by_host.values():
        for run, record, done in group:
            run.record = record
            run.instance = patched(run.instance, done.patch)
            run.secrets.pop("picks", None)
