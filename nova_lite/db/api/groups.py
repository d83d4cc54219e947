# SPDX-License-Identifier: Apache-2.0
"""Server groups. Members whose mapping is queued for deletion do not count any more."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from nova_lite.base import clock
from nova_lite.db import errors as db_errors
from nova_lite.db.api.models import (
    instance_group_member,
    instance_group_policy,
    instance_groups,
    instance_mappings,
)
from nova_lite.db.columns import insert_if_absent
from nova_lite.db.engine import Tx
from nova_lite.domain import errors
from nova_lite.domain.group import GroupPolicy, GroupQuery, ServerGroup

_G = instance_groups.c
_P = instance_group_policy.c
_M = instance_group_member.c
_I = instance_mappings.c

_SELECT = sa.select(
    *(_G.id, _G.uuid, _G.name, _G.project_id, _G.user_id, _P.policy, _P.rules)
).join(instance_group_policy, _P.group_id == _G.id)
_LIVE_MEMBERS = (
    sa.select(_M.group_id, _M.instance_uuid)
    .join(instance_mappings, _I.instance_uuid == _M.instance_uuid)
    .where(_I.queued_for_delete.is_(False))
    .order_by(_M.id)
)


def get(tx: Tx, uuid: str, project_id: str | None = None) -> ServerGroup:
    """`project_id` None = of any project. Raises ServerGroupNotFound."""
    statement = _SELECT.where(_G.uuid == uuid)
    if project_id is not None:
        statement = statement.where(_G.project_id == project_id)
    found = _groups(tx, tx.execute(statement).mappings())
    if not found:
        raise errors.ServerGroupNotFound(group_id=uuid)
    return found[0]


def list_groups(tx: Tx, query: GroupQuery) -> list[ServerGroup]:
    """A page, in the order of creation."""
    statement = _SELECT.order_by(_G.id).limit(query.limit).offset(query.offset)
    if query.project_id is not None:
        statement = statement.where(_G.project_id == query.project_id)
    return _groups(tx, tx.execute(statement).mappings())


def group_of(tx: Tx, instance_uuid: str) -> ServerGroup | None:
    """The group that a server is a member of."""
    statement = _SELECT.join(instance_group_member, _M.group_id == _G.id)
    statement = statement.where(_M.instance_uuid == instance_uuid)
    found = _groups(tx, tx.execute(statement).mappings())
    return found[0] if found else None


def _groups(tx: Tx, rows: Iterable[Mapping[Any, Any]]) -> list[ServerGroup]:
    rows = list(rows)
    members: dict[int, list[str]] = {row["id"]: [] for row in rows}
    numbers = list(members)
    for start in range(0, len(numbers), 500):
        part = _LIVE_MEMBERS.where(_M.group_id.in_(numbers[start : start + 500]))
        for group_id, uuid in tx.execute(part):
            members[group_id].append(uuid)
    return [
        ServerGroup(
            uuid=row["uuid"],
            name=row["name"],
            project_id=row["project_id"],
            user_id=row["user_id"],
            policy=GroupPolicy(row["policy"]),
            rules=msgspec.json.decode(row["rules"]),
            members=members[row["id"]],
        )
        for row in rows
    ]


def count(tx: Tx, project_id: str, user_id: str | None = None) -> int:
    """Groups of a project, or of one user in it."""
    statement = sa.select(sa.func.count()).where(_G.project_id == project_id)
    if user_id is not None:
        statement = statement.where(_G.user_id == user_id)
    return int(tx.scalar(statement))


def create(tx: Tx, group: ServerGroup) -> None:
    """Without members. Raises Conflict when the uuid is taken."""
    row = {
        "uuid": group.uuid,
        "name": group.name,
        "project_id": group.project_id,
        "user_id": group.user_id,
        "created_at": clock.now(),
    }
    try:
        key = tx.execute(instance_groups.insert(), row).inserted_primary_key
    except db_errors.Duplicate as error:
        raise errors.Conflict(f"Instance group {group.uuid} already exists.") from error
    assert key is not None  # noqa: S101 - an insert of one row
    rules = msgspec.json.encode(group.rules).decode()
    policy = {"group_id": key[0], "policy": group.policy.value, "rules": rules}
    tx.execute(instance_group_policy.insert(), policy)


def delete(tx: Tx, uuid: str, project_id: str | None = None) -> None:
    """Its servers stay. Raises ServerGroupNotFound."""
    statement = instance_groups.delete().where(_G.uuid == uuid)
    if project_id is not None:
        statement = statement.where(_G.project_id == project_id)
    if tx.execute(statement).rowcount != 1:
        raise errors.ServerGroupNotFound(group_id=uuid)


def add_members(tx: Tx, uuid: str, instances: Sequence[str]) -> int:
    """The number of live members afterwards, for the quota `server_group_members`.

    Raises ServerGroupNotFound."""
    lock = instance_groups.update().where(_G.uuid == uuid).values(updated_at=clock.now())
    if tx.execute(lock).rowcount != 1:
        raise errors.ServerGroupNotFound(group_id=uuid)
    number = tx.scalar(sa.select(_G.id).where(_G.uuid == uuid))
    now = clock.now()
    for instance in instances:
        row = {"group_id": number, "instance_uuid": instance, "created_at": now}
        insert_if_absent(tx, instance_group_member, row)
    live = _LIVE_MEMBERS.where(_M.group_id == number).order_by(None).subquery()
    return int(tx.scalar(sa.select(sa.func.count()).select_from(live)))


def remove_members(tx: Tx, instances: Sequence[str]) -> int:
    """Out of whatever group they are in; returns how many there were."""
    removed = 0
    for start in range(0, len(instances), 500):
        part = instances[start : start + 500]
        statement = instance_group_member.delete().where(_M.instance_uuid.in_(part))
        removed += tx.execute(statement).rowcount
    return removed
