# SPDX-License-Identifier: Apache-2.0
"""Runs of flows, and the heartbeats of their owners.

A run is written only by its owner, and only while nobody told it to stop: every write says so
in its WHERE, and who reaches no row has lost the run. A transaction writes the instance first
and the run second, always, so that two of them cannot wait for each other.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from nova_lite.base import clock
from nova_lite.db.cell.models import flow_owners, flow_runs
from nova_lite.db.columns import insert_if_absent
from nova_lite.db.engine import Tx
from nova_lite.domain.flow_run import FlowRun, Progress
from nova_lite.domain.states import Action

NOBODY: Final = ""
c = flow_runs.c
_encode = msgspec.json.Encoder().encode
_decoder = msgspec.json.Decoder(Progress)
_READ: Final = sa.select(flow_runs)


def insert(tx: Tx, runs: Sequence[FlowRun]) -> None:
    """New runs."""
    now = clock.now()
    tx.execute(
        flow_runs.insert(),
        [
            {
                "id": run.id,
                "instance_uuid": run.instance_uuid,
                "flow": run.flow,
                "action": str(run.action),
                "before": run.before,
                "request_id": run.request_id,
                "owner": run.owner,
                "deadline": run.deadline,
                "context": run.context,
                "stop": run.stop,
                "created_at": now,
                **_moving(run),
            }
            for run in runs
        ],
    )


def _moving(run: FlowRun) -> dict[str, Any]:
    return {
        "step": run.step,
        "undoing": run.undoing,
        "progress": _encode(run.progress).decode(),
    }


_OURS: Final = sa.and_(
    c.id == sa.bindparam("run_id"),
    c.owner == sa.bindparam("of_owner"),
    c.stop == sa.bindparam("told_stop"),
)
_ADVANCE: Final = (
    flow_runs.update()
    .where(_OURS)
    .values({name: sa.bindparam(f"new_{name}") for name in ("step", "undoing", "progress")})
)
_DELETE: Final = flow_runs.delete().where(_OURS)


def _ours(run: FlowRun) -> dict[str, Any]:
    return {"run_id": run.id, "of_owner": run.owner, "told_stop": run.stop}


def advance(tx: Tx, run: FlowRun) -> bool:
    """Write how far it is. False: it is not this owner's, or `stop` is not as he knows it."""
    values = {f"new_{name}": value for name, value in _moving(run).items()}
    return tx.execute(_ADVANCE, {**_ours(run), **values}).rowcount == 1


def delete(tx: Tx, run: FlowRun) -> bool:
    """The end of a run. False as in `advance`."""
    return tx.execute(_DELETE, _ours(run)).rowcount == 1


def drop(tx: Tx, run_id: str) -> None:
    """Forget a run, whoever has it: for one whose server does not exist."""
    tx.execute(flow_runs.delete().where(c.id == run_id))


def get(tx: Tx, run_id: str) -> FlowRun | None:
    row = tx.execute(_READ.where(c.id == run_id)).first()
    return None if row is None else _value(row)


def of_instance(tx: Tx, instance_uuid: str) -> list[FlowRun]:
    rows = tx.execute(_READ.where(c.instance_uuid == instance_uuid).order_by(c.created_at))
    return [_value(row) for row in rows]


def stop(tx: Tx, instance_uuid: str) -> list[str]:
    """Tell every run of a server to stop and undo; their ids."""
    rows = tx.execute(sa.select(c.id).where(c.instance_uuid == instance_uuid)).scalars().all()
    if rows:
        tx.execute(flow_runs.update().where(c.id.in_(rows)).values(stop=True))
    return list(rows)


def exist(tx: Tx, ids: Sequence[str]) -> list[str]:
    """Which of these runs are still there."""
    return list(tx.execute(sa.select(c.id).where(c.id.in_(ids))).scalars())


def instances(tx: Tx) -> dict[str, str]:
    """instance uuid -> flow, of all runs."""
    return {row.instance_uuid: row.flow for row in tx.execute(sa.select(c.instance_uuid, c.flow))}


def _value(row: Any) -> FlowRun:
    return FlowRun(
        id=row.id,
        instance_uuid=row.instance_uuid,
        flow=row.flow,
        action=Action(row.action),
        before=row.before,
        request_id=row.request_id,
        owner=row.owner,
        step=row.step,
        undoing=row.undoing,
        stop=row.stop,
        deadline=row.deadline,
        context=row.context,
        created_at=row.created_at,
        progress=_decoder.decode(row.progress),
    )


# --- owners -----------------------------------------------------------------------------------


def beat(tx: Tx, owner: str) -> None:
    """This owner lives."""
    now = clock.now()
    o = flow_owners.c
    statement = flow_owners.update().where(o.owner == owner).values(heartbeat=now)
    if tx.execute(statement).rowcount == 0:
        insert_if_absent(tx, flow_owners, {"owner": owner, "heartbeat": now})


def first_owner(tx: Tx, since: dt.datetime) -> str | None:
    """Of those heard since then, the one whose name comes first."""
    o = flow_owners.c
    found: str | None = tx.scalar(sa.select(sa.func.min(o.owner)).where(o.heartbeat >= since))
    return found


def orphans(tx: Tx, older: dt.datetime, limit: int) -> list[FlowRun]:
    """Runs whose owner was last heard before `older`, or has never been heard."""
    o = flow_owners.c
    joined = flow_runs.outerjoin(flow_owners, o.owner == c.owner)
    statement = (
        sa.select(flow_runs)
        .select_from(joined)
        .where(sa.or_(o.heartbeat.is_(None), o.heartbeat < older))
        .order_by(c.created_at)
        .limit(limit)
    )
    return [_value(row) for row in tx.execute(statement)]


def take(tx: Tx, run: FlowRun, owner: str) -> bool:
    """Compare and swap the owner; False when another one was quicker."""
    statement = flow_runs.update().where(c.id == run.id, c.owner == run.owner)
    return tx.execute(statement.values(owner=owner)).rowcount == 1


def retire(tx: Tx, owner: str) -> int:
    """An owner goes: his runs are nobody's and may be taken at once. How many there were."""
    left = tx.execute(flow_runs.update().where(c.owner == owner).values(owner=NOBODY)).rowcount
    tx.execute(flow_owners.delete().where(flow_owners.c.owner == owner))
    return left


def forget_owners(tx: Tx, older: dt.datetime) -> None:
    """Remove owners who have been silent for long and have no runs."""
    o = flow_owners.c
    owned = sa.select(c.id).where(c.owner == o.owner)
    tx.execute(flow_owners.delete().where(o.heartbeat < older, ~sa.exists(owned)))
