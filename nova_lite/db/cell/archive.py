# SPDX-License-Identifier: Apache-2.0
"""Moving deleted rows to the shadow tables, and removing them from there.

Rows that belong to a server go before it and in the same transaction, so that the archive never
has a server whose history is still in the live tables, and no row is lost between.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from nova_lite.db.cell.models import (
    ARCHIVED,
    SHADOWS,
    block_devices,
    compute_nodes,
    console_tokens,
    instances,
    services,
    tags,
)
from nova_lite.db.engine import Tx

# Tables of a server that are archived with it; those that are just removed with it.
CHILDREN: Final = tuple(table for table in ARCHIVED if "instance_uuid" in table.c)
REMOVED: Final = (tags, block_devices, console_tokens)
ALONE: Final = (compute_nodes, services)
Counts = dict[str, int]


def candidates(
    tx: Tx, limit: int, before: dt.datetime | None, skip: Sequence[str] = ()
) -> list[str]:
    """uuids of deleted servers, those that were deleted first first."""
    statement = sa.select(instances.c.uuid).where(instances.c.deleted != 0)
    if before is not None:
        statement = statement.where(instances.c.deleted_at < before)
    if skip:
        statement = statement.where(instances.c.uuid.not_in(list(skip)))
    rows = tx.execute(statement.order_by(instances.c.deleted_at, instances.c.id).limit(limit))
    return [row.uuid for row in rows]


def fitting(tx: Tx, uuids: Sequence[str], room: int) -> list[str]:
    """As many of these servers, in order, as have no more than `room` rows together."""
    sizes = dict.fromkeys(uuids, 1)
    for table in CHILDREN:
        count = sa.select(table.c.instance_uuid, sa.func.count().label("rows"))
        count = count.where(table.c.instance_uuid.in_(list(uuids))).group_by(table.c.instance_uuid)
        for row in tx.execute(count):
            sizes[row.instance_uuid] += row.rows
    fit = []
    for uuid in uuids:
        room -= sizes[uuid]
        if room < 0:
            break
        fit.append(uuid)
    return fit


def archive_servers(tx: Tx, uuids: Sequence[str]) -> Counts:
    """Move these servers with all that is theirs; rows by table."""
    counts: Counts = {}
    for table in CHILDREN:
        counts[table.name] = _move(tx, table, table.c.instance_uuid.in_(list(uuids)))
    for table in REMOVED:
        tx.execute(table.delete().where(table.c.instance_uuid.in_(list(uuids))))
    counts[instances.name] = _move(tx, instances, instances.c.uuid.in_(list(uuids)))
    return counts


def archive_part(tx: Tx, uuid: str, room: int) -> Counts:
    """Move at most `room` rows that belong to a server which has more than that."""
    counts: Counts = {}
    for table in CHILDREN:
        if room <= 0:
            break
        numbers = sa.select(table.c.id).where(table.c.instance_uuid == uuid)
        rows = [row.id for row in tx.execute(numbers.order_by(table.c.id).limit(room))]
        if rows:
            counts[table.name] = _move(tx, table, table.c.id.in_(rows))
            room -= len(rows)
    return counts


def archive_others(tx: Tx, room: int, before: dt.datetime | None) -> Counts:
    """Move at most `room` deleted services and compute nodes."""
    counts: Counts = {}
    for table in ALONE:
        if room <= 0:
            break
        numbers = sa.select(table.c.id).where(table.c.deleted != 0).order_by(table.c.id)
        if before is not None:
            numbers = numbers.where(table.c.deleted_at < before)
        rows = [row.id for row in tx.execute(numbers.limit(room))]
        if rows:
            counts[table.name] = _move(tx, table, table.c.id.in_(rows))
            room -= len(rows)
    return counts


def _move(tx: Tx, table: sa.Table, condition: sa.ColumnElement[bool]) -> int:
    names = [column.name for column in table.columns]
    chosen = sa.select(*(table.c[name] for name in names)).where(condition)
    tx.execute(SHADOWS[table.name].insert().from_select(names, chosen))
    return tx.execute(table.delete().where(condition)).rowcount


# --- purging --------------------------------------------------------------------------------


def purge(tx: Tx, before: dt.datetime | None) -> Counts:
    """Remove archived rows for good: of what was deleted before a time, or all."""
    counts: Counts = {}
    servers = SHADOWS[instances.name]
    for table in ARCHIVED:
        shadow = SHADOWS[table.name]
        statement: Any = shadow.delete()
        if before is not None:
            if table in CHILDREN:
                old = sa.select(servers.c.uuid).where(servers.c.deleted_at < before)
                statement = statement.where(shadow.c.instance_uuid.in_(old))
            else:
                statement = statement.where(shadow.c.deleted_at < before)
        counts[shadow.name] = tx.execute(statement).rowcount
    return {name: count for name, count in counts.items() if count}


def added(first: Mapping[str, int], second: Mapping[str, int]) -> Counts:
    """The sums by table."""
    return {name: first.get(name, 0) + second.get(name, 0) for name in {**first, **second}}
