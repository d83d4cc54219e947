# SPDX-License-Identifier: Apache-2.0
"""Quota: limits, and usage that is counted in the transaction that creates or deletes.

Usage of a project is one row. To consume is one conditional UPDATE of it, which also makes the
creations of a project wait for each other until COMMIT: say it last.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import sqlalchemy as sa

from nova_lite.base import clock
from nova_lite.db.api.models import (
    instance_mappings,
    project_user_quotas,
    quota_classes,
    quota_usages,
    quotas,
)
from nova_lite.db.columns import insert_if_absent
from nova_lite.db.engine import Tx
from nova_lite.domain import quota as domain

DEFAULT_CLASS: Final = "default"
_U = quota_usages.c
_M = instance_mappings.c
_TRIES: Final = 10


# --- usage ----------------------------------------------------------------------------------


def _consuming() -> sa.Update:
    statement = quota_usages.update().where(_U.project_id == sa.bindparam("project"))
    values: dict[str, Any] = {}
    for name in domain.COUNTED:
        more = sa.bindparam(f"more_{name}", type_=sa.Integer)
        limit = sa.bindparam(f"limit_{name}", type_=sa.Integer)
        statement = statement.where(sa.or_(limit < 0, _U[name] + more <= limit))
        values[name] = _U[name] + more
    return statement.values(**values, updated_at=sa.bindparam("now"))


def _releasing() -> sa.Update:
    statement = quota_usages.update().where(_U.project_id == sa.bindparam("project"))
    values: dict[str, Any] = {}
    for name in domain.COUNTED:
        less = sa.bindparam(f"less_{name}", type_=sa.Integer)
        values[name] = sa.case((_U[name] > less, _U[name] - less), else_=0)
    return statement.values(**values, updated_at=sa.bindparam("now"))


_CONSUME = _consuming()
_RELEASE = _releasing()
_USAGE = sa.select(_U.instances, _U.cores, _U.ram).where(_U.project_id == sa.bindparam("project"))
_COUNT = (
    sa.select(
        sa.func.count().label("instances"),
        sa.func.coalesce(sa.func.sum(_M.cores), 0).label("cores"),
        sa.func.coalesce(sa.func.sum(_M.ram), 0).label("ram"),
    )
    .where(_M.project_id == sa.bindparam("project"))
    .where(_M.queued_for_delete.is_(False))
)
_COUNT_OF_USER = _COUNT.where(_M.user_id == sa.bindparam("user"))


def consume(
    tx: Tx,
    project_id: str,
    amounts: Mapping[str, int],
    limits: Mapping[str, int],
    *,
    user_id: str | None = None,
    user_limits: Mapping[str, int] | None = None,
) -> None:
    """Take `amounts` of instances, cores and ram (MiB), or raise OverQuota; then the transaction
    has to be rolled back.

    `limits` of the project; missing or -1 = none. `user_limits`: those of the user within the
    project, if the user has some; the mappings of this request must be written before."""
    values: dict[str, Any] = {"project": project_id, "now": clock.now()}
    for name in domain.COUNTED:
        values[f"more_{name}"] = amounts.get(name, 0)
        values[f"limit_{name}"] = limits.get(name, domain.UNLIMITED)
    for _ in range(_TRIES):
        if tx.execute(_CONSUME, values).rowcount == 1:
            break
        used = _usage_row(tx, project_id)
        if used is None:
            insert_if_absent(tx, quota_usages, {"project_id": project_id})
            continue
        names = domain.over(dict(amounts), used, dict(limits))
        if names:
            raise domain.refusal(names, dict(amounts), used, dict(limits))
    else:
        raise domain.refusal(sorted(amounts), dict(amounts), used or {}, dict(limits))
    if user_id is not None and user_limits:
        _check_user(tx, project_id, user_id, amounts, user_limits)


def _check_user(
    tx: Tx, project_id: str, user_id: str, amounts: Mapping[str, int], limits: Mapping[str, int]
) -> None:
    """The UPDATE before made this transaction the only one of the project, so counting is exact."""
    row = tx.execute(_COUNT_OF_USER, {"project": project_id, "user": user_id}).mappings().one()
    used = {name: int(row[name]) - amounts.get(name, 0) for name in domain.COUNTED}
    names = domain.over(dict(amounts), used, dict(limits))
    if names:
        raise domain.refusal(names, dict(amounts), used, dict(limits))


def release(tx: Tx, project_id: str, amounts: Mapping[str, int]) -> None:
    """Give back; never below zero."""
    values: dict[str, Any] = {"project": project_id, "now": clock.now()}
    for name in domain.COUNTED:
        values[f"less_{name}"] = amounts.get(name, 0)
    tx.execute(_RELEASE, values)


def _usage_row(tx: Tx, project_id: str) -> dict[str, int] | None:
    row = tx.execute(_USAGE, {"project": project_id}).mappings().first()
    return None if row is None else dict(row)


def usage(tx: Tx, project_id: str, user_id: str | None = None) -> dict[str, int]:
    """What is taken, of the project or of one user in it."""
    if user_id is None:
        return _usage_row(tx, project_id) or dict.fromkeys(domain.COUNTED, 0)
    found = tx.execute(_COUNT_OF_USER, {"project": project_id, "user": user_id}).mappings().one()
    return {name: int(found[name]) for name in domain.COUNTED}


def recount(tx: Tx, project_id: str) -> tuple[dict[str, int], dict[str, int]]:
    """(what the usage row says, what the mappings say): different when something leaked."""
    counted = tx.execute(_COUNT, {"project": project_id}).mappings().one()
    return usage(tx, project_id), {name: int(counted[name]) for name in domain.COUNTED}


def repair(tx: Tx, project_id: str) -> bool:
    """Write what the mappings say into the usage row; True if it was different.

    The project's creations wait meanwhile, so what is counted is exact."""
    lock = quota_usages.update().where(_U.project_id == project_id)
    if tx.execute(lock.values(updated_at=clock.now())).rowcount == 0:
        insert_if_absent(tx, quota_usages, {"project_id": project_id})
    said, counted = recount(tx, project_id)
    if said == counted:
        return False
    tx.execute(lock.values(**counted))
    return True


def projects(tx: Tx) -> list[str]:
    """All projects that have usage or servers."""
    both = sa.union(sa.select(_U.project_id), sa.select(_M.project_id).distinct())
    return sorted(row[0] for row in tx.execute(both))


# --- limits ---------------------------------------------------------------------------------


def class_limits(tx: Tx, name: str, options: Mapping[str, int]) -> dict[str, int]:
    """What a class says, and the options where it says nothing."""
    statement = sa.select(quota_classes.c.resource, quota_classes.c.hard_limit)
    statement = statement.where(quota_classes.c.class_name == name)
    return {**options, **_limits(tx.execute(statement))}


_DEFAULTS_AND_PROJECT = sa.union_all(
    sa.select(
        sa.literal_column("0").label("rank"), quota_classes.c.resource, quota_classes.c.hard_limit
    ).where(quota_classes.c.class_name == DEFAULT_CLASS),
    sa.select(sa.literal_column("1"), quotas.c.resource, quotas.c.hard_limit).where(
        quotas.c.project_id == sa.bindparam("project")
    ),
    sa.select(
        sa.literal_column("2"), project_user_quotas.c.resource, project_user_quotas.c.hard_limit
    )
    .where(project_user_quotas.c.project_id == sa.bindparam("project"))
    .where(project_user_quotas.c.user_id == sa.bindparam("user")),
)


def limits(
    tx: Tx, project_id: str, user_id: str | None, options: Mapping[str, int]
) -> tuple[dict[str, int], dict[str, int]]:
    """(limits of the project, own limits of the user in it) in one query.

    The first has every name of `options`; the second only what was set for the user."""
    project = dict(options)
    user: dict[str, int] = {}
    rows = tx.execute(_DEFAULTS_AND_PROJECT, {"project": project_id, "user": user_id or ""})
    for rank, resource, limit in sorted(rows.all()):
        (user if rank == 2 else project)[resource] = limit
    return project, user


def _limits(rows: Iterable[Any]) -> dict[str, int]:
    return {row.resource: row.hard_limit for row in rows}


def set_limits(tx: Tx, project_id: str, user_id: str | None, values: Mapping[str, int]) -> None:
    """For the project, or for one user in it."""
    key = {"project_id": project_id}
    table = quotas
    if user_id is not None:
        key["user_id"] = user_id
        table = project_user_quotas
    _put(tx, table, key, values)


def set_class_limits(tx: Tx, name: str, values: Mapping[str, int]) -> None:
    _put(tx, quota_classes, {"class_name": name}, values)


def _put(tx: Tx, table: sa.Table, key: Mapping[str, str], values: Mapping[str, int]) -> None:
    now = clock.now()
    same = [table.c[column] == value for column, value in key.items()]
    for resource, limit in sorted(values.items()):
        change = table.update().where(*same, table.c.resource == resource)
        change = change.values(hard_limit=limit, updated_at=now)
        if tx.execute(change).rowcount == 0:
            row = {**key, "resource": resource, "hard_limit": limit, "created_at": now}
            if not insert_if_absent(tx, table, row):
                tx.execute(change)


def delete_limits(tx: Tx, project_id: str, user_id: str | None = None) -> None:
    """Back to the defaults. Without a user: those of the project and of all its users."""
    of_users = project_user_quotas.delete().where(project_user_quotas.c.project_id == project_id)
    if user_id is not None:
        tx.execute(of_users.where(project_user_quotas.c.user_id == user_id))
        return
    tx.execute(of_users)
    tx.execute(quotas.delete().where(quotas.c.project_id == project_id))
