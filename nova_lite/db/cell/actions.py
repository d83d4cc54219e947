# SPDX-License-Identifier: Apache-2.0
"""Instance actions and their events. They outlive their server."""

from collections.abc import Sequence

import sqlalchemy as sa
from msgspec.structs import replace

from nova_lite.base import clock
from nova_lite.db.cell.models import instance_action_events as events
from nova_lite.db.cell.models import instance_actions as actions
from nova_lite.db.engine import Tx
from nova_lite.domain import errors
from nova_lite.domain.events import ActionEvent, ActionQuery, InstanceAction

c = actions.c
_READ = sa.select(
    *(c.id, c.action, c.instance_uuid, c.request_id, c.user_id, c.project_id),
    *(c.start_time, c.updated_at, c.message),
)


def insert(tx: Tx, begun: Sequence[InstanceAction]) -> None:
    """Actions that have just begun."""
    tx.execute(
        actions.insert(),
        [
            {
                "action": action.action,
                "instance_uuid": action.instance_uuid,
                "request_id": action.request_id,
                "user_id": action.user_id,
                "project_id": action.project_id,
                "start_time": action.start_time,
                "updated_at": action.updated_at or action.start_time,
                "message": action.message,
            }
            for action in begun
        ],
    )


def finish(
    tx: Tx,
    instance_uuid: str,
    request_id: str,
    done: Sequence[ActionEvent],
    message: str | None = None,
) -> None:
    """Record what happened in an action. `message`: why it failed."""
    if done:
        tx.execute(
            events.insert(),
            [
                {
                    "instance_uuid": instance_uuid,
                    "request_id": request_id,
                    "event": event.event,
                    "start_time": event.start_time,
                    "finish_time": event.finish_time,
                    "result": event.result,
                    "traceback": event.traceback,
                    "host": event.host,
                    "details": event.details,
                }
                for event in done
            ],
        )
    statement = actions.update().where(c.instance_uuid == instance_uuid, c.request_id == request_id)
    tx.execute(statement.values(updated_at=clock.now(), message=message))


def page(tx: Tx, query: ActionQuery) -> list[InstanceAction]:
    """Newest first, without events. Raises MarkerNotFound."""
    statement = _READ.where(c.instance_uuid == query.instance_uuid)
    if query.changes_since is not None:
        statement = statement.where(c.updated_at >= query.changes_since)
    if query.changes_before is not None:
        statement = statement.where(c.updated_at <= query.changes_before)
    if query.marker is not None:
        marked = tx.scalar(
            sa.select(sa.func.max(c.id)).where(
                c.instance_uuid == query.instance_uuid, c.request_id == query.marker
            )
        )
        if marked is None:
            raise errors.MarkerNotFound(marker=query.marker)
        statement = statement.where(c.id < marked)
    statement = statement.order_by(c.id.desc())
    if query.limit is not None:
        statement = statement.limit(query.limit)
    return [InstanceAction(**row) for row in tx.execute(statement).mappings()]


def get(tx: Tx, instance_uuid: str, request_id: str) -> InstanceAction:
    """With events, in the order they began. Raises InstanceActionNotFound."""
    wanted = _READ.where(c.instance_uuid == instance_uuid, c.request_id == request_id)
    row = tx.execute(wanted.order_by(c.id.desc()).limit(1)).mappings().first()
    if row is None:
        raise errors.InstanceActionNotFound(request_id=request_id, instance_id=instance_uuid)
    e = events.c
    steps = sa.select(
        *(e.event, e.start_time, e.finish_time, e.result, e.traceback, e.host, e.details)
    ).where(e.instance_uuid == instance_uuid, e.request_id == request_id)
    found = tx.execute(steps.order_by(e.start_time, e.id)).mappings()
    return replace(InstanceAction(**row), events=[ActionEvent(**event) for event in found])
