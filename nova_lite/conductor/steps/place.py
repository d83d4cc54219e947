# SPDX-License-Identifier: Apache-2.0
"""Choosing a host and taking what the server needs of it.

The scheduler proposes from what it saw; the claim in the API database decides. A refused claim
goes to the next alternate, then to a fresh selection without the refused hosts.
"""

import dataclasses
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from nova_lite.conductor import grouping
from nova_lite.conductor.run import Done, Run
from nova_lite.conductor.run_store import RunStore
from nova_lite.db.api import allocations, request_specs
from nova_lite.db.engine import Tx
from nova_lite.domain import errors, refusals
from nova_lite.domain.brief import brief
from nova_lite.domain.flow_run import Trouble
from nova_lite.domain.instance import InstancePatch
from nova_lite.domain.request import Pick, RequestSpec, SelectRequest
from nova_lite.domain.states import Action, TaskState

SELECTIONS: Final = 4  # fresh selections after refused claims, before giving up
LONGEST_ATTEMPT: Final = 2000  # characters of what is kept of a failure for operators


def spec_of(run: Run) -> RequestSpec:
    """What placing this server needs; read once by who took the run over."""
    spec: RequestSpec | None = run.secrets.get("spec")
    if spec is None:
        with run.deps.databases.read_api() as tx:
            spec = request_specs.get(tx, run.instance.uuid)
        if spec is None:
            raise errors.BuildAborted(
                instance_id=run.instance.uuid, reason="its request spec is not there"
            )
        run.secrets["spec"] = spec
    return spec


def tried(run: Run) -> list[str]:
    """The hosts on which this server was claimed, in order."""
    return list((run.result("claim") or {}).get("tried", []))


def times(run: Run) -> int:
    """How often it went back to look for another host."""
    return int((run.result("retry") or {}).get("times", 0))


def choose_host(run: Run) -> Done:
    """Hosts to try, best first: what is left of the last selection, else a new one."""
    limit = run.deps.conf.scheduler.max_attempts
    before = tried(run)
    last = run.result("claim") or {}
    if len(before) >= limit:
        raise _exhausted(run, len(before))
    if last.get("left"):
        return Done(result=last["left"])
    picks = _chosen_before(run)
    if picks is None:
        picks = _select(run, before, fresh=bool(before or times(run)))
    if not picks and before:
        raise _exhausted(run, len(before))
    return Done(result=msgspec.to_builtins(picks))


def _chosen_before(run: Run) -> list[Pick] | None:
    """What was selected for all servers of the request together."""
    picks: list[Pick] | None = run.secrets.pop("picks", None)
    if picks is not None and not picks:
        raise refusals.no_valid_host(run.secrets["selected"])
    return picks


def _exhausted(run: Run, hosts: int) -> errors.MaxRetriesExceeded:
    """Users are told how it went on the last host, operators how on each."""
    retry = run.result("retry") or {}
    last = "The only host" if hosts == 1 else f"The last of {hosts} hosts"
    return errors.MaxRetriesExceeded(
        reason=f"{last} failed: {retry.get('reason', '')}", attempts=retry.get("attempts", [])
    )


def _select(run: Run, refused: list[str], *, fresh: bool) -> list[Pick]:
    request = SelectRequest(
        spec=grouping.with_members(run, spec_of(run)),
        uuids=[run.instance.uuid],
        alternates=run.deps.conf.scheduler.max_attempts - 1,
        fresh=fresh,
        refused=refused,
    )
    selected = run.deps.clients.scheduler.select(run.context, request=request)
    picks: list[Pick] = selected.selections[0].hosts if selected.selections else []
    if not picks and not tried(run):
        raise refusals.no_valid_host(selected)
    return picks


def claim(run: Run) -> Done:
    """Take room on the best of the hosts that has it."""
    spec, before = spec_of(run), tried(run)
    picks = msgspec.convert(run.result("choose_host"), list[Pick])
    refused: list[str] = []
    for _ in range(SELECTIONS):
        while picks:
            pick = picks.pop(0)
            try:
                claim_on(run, pick, spec)
            except errors.ClaimRefused:
                refused.append(pick.host)
                continue
            return _with_group_check(run, spec, placed(run, pick, picks, before))
        picks = _select(run, [*before, *refused], fresh=True)
    raise errors.NoValidHost(reason=refusals.NO_HOSTS)


def _with_group_check(run: Run, spec: RequestSpec, done: Done) -> Done:
    group = grouping.group_of(run, spec)
    if group is None:
        return done
    return dataclasses.replace(
        done, write=lambda tx: grouping.check(tx, run, group, done.result["host"])
    )


def claim_on(run: Run, pick: Pick, spec: RequestSpec) -> None:
    """The claim of one server. What it held elsewhere, after a crash, is given back first."""
    uuid = run.instance.uuid

    def take(tx: Tx) -> None:
        allocations.claim(tx, uuid, pick.node_uuid, spec.resources)

    def move(tx: Tx) -> None:
        allocations.release(tx, uuid)
        take(tx)

    try:
        run.deps.databases.run_api(take, idempotent=True)
    except errors.ClaimRefused:
        raise
    except errors.Conflict:
        # Left by who had this run before, unless he is not so dead and the run is his.
        RunStore(run.deps.databases).check(run)
        run.deps.databases.run_api(move, idempotent=True)


def placed(run: Run, pick: Pick, left: list[Pick], before: list[str]) -> Done:
    """What is written when a server has its host."""
    return Done(
        result={
            "host": pick.host,
            "left": msgspec.to_builtins(left),
            "tried": [*before, pick.host],
        },
        patch=InstancePatch(
            host=pick.host,
            node=pick.node,
            availability_zone=pick.zone,
            task_state=next_task(run),
        ),
    )


def next_task(run: Run) -> TaskState:
    """The task_state after scheduling: what there is to do first."""
    if run.record.action is Action.UNSHELVE:
        return TaskState.SPAWNING
    if has_networks(run):
        return TaskState.NETWORKING
    return TaskState.BLOCK_DEVICE_MAPPING if has_volumes(run) else TaskState.SPAWNING


def has_networks(run: Run) -> bool:
    """False where no network is wanted, or nobody gives any."""
    wanted = run.progress.params.get("networks") != "none"
    return wanted and run.deps.conf.network.backend != "none"


def has_volumes(run: Run) -> bool:
    return any(device.destination_type == "volume" for device in run.instance.block_devices)


def release_claim(run: Run) -> None:
    uuid = run.instance.uuid
    run.deps.databases.run_api(lambda tx: allocations.release(tx, uuid), idempotent=True)


def _reason(trouble: Trouble) -> str:
    """Without the words that every failed build begins with."""
    if trouble.code == errors.FaultedBuild.code:
        return str(trouble.values.get("reason") or trouble.message)
    return trouble.message


def unplaced(run: Run) -> Done:
    """What is written when the server goes to look for another host."""
    trouble = run.progress.trouble
    attempts = list((run.result("retry") or {}).get("attempts", []))
    if trouble is not None and run.instance.host is not None:
        attempts.append(f"{run.instance.host}: {brief(trouble.message, LONGEST_ATTEMPT)}")
    run.instance = replace(run.instance, host=None, node=None)
    result: dict[str, Any] = {
        "reason": _reason(trouble) if trouble else "",
        "times": times(run) + 1,
        "attempts": attempts,
    }
    unshelves = run.record.action is Action.UNSHELVE
    task = TaskState.UNSHELVING if unshelves else TaskState.SCHEDULING
    return Done(
        result=result,
        patch=InstancePatch(host=None, node=None, availability_zone=None, task_state=task),
    )
