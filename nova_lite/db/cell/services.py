# SPDX-License-Identifier: Apache-2.0
"""Services: the daemons of a cell and their heartbeats.

The values have no zone, and `up` is judged here: who asks says from when on a heartbeat counts.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa

from nova_lite.base import clock, ids
from nova_lite.db.cell.models import services
from nova_lite.db.columns import insert_if_absent
from nova_lite.db.engine import Tx
from nova_lite.domain import errors
from nova_lite.domain.host import Service

COMPUTE: Final = "nova-compute"
_S = services.c
_COLUMNS = (
    *(_S.id, _S.uuid, _S.binary, _S.host, _S.topic, _S.disabled, _S.disabled_reason),
    *(_S.forced_down, _S.report_count, _S.last_seen_up, _S.updated_at, _S.version, _S.wire_level),
)
_SELECT = sa.select(*_COLUMNS).where(_S.deleted == 0)
_FIND = _SELECT.where(_S.host == sa.bindparam("on_host"), _S.binary == sa.bindparam("of_binary"))
_BEAT = (
    services.update()
    .where(_S.host == sa.bindparam("on_host"), _S.binary == sa.bindparam("of_binary"))
    .where(_S.deleted == 0)
    .values(
        last_seen_up=sa.bindparam("now"),
        report_count=_S.report_count + 1,
        topic=sa.bindparam("topic"),
        version=sa.bindparam("version"),
        wire_level=sa.bindparam("wire_level"),
    )
)


def beat(tx: Tx, *, host: str, binary: str, topic: str, version: int, wire_level: int) -> bool:
    """Write a heartbeat: one UPDATE. False when the service has no row yet."""
    values = {
        "on_host": host,
        "of_binary": binary,
        "now": clock.now(),
        "topic": topic,
        "version": version,
        "wire_level": wire_level,
    }
    return tx.execute(_BEAT, values).rowcount == 1


def create(tx: Tx, service: Service) -> None:
    """If the host has one of this binary already, nothing is written."""
    now = clock.now()
    values = {
        "uuid": service.uuid or ids.new_uuid(),
        "host": service.host,
        "binary": service.binary,
        "topic": service.topic,
        "disabled": service.disabled,
        "disabled_reason": service.disabled_reason,
        "forced_down": service.forced_down,
        "version": service.version,
        "wire_level": service.wire_level,
        "report_count": service.report_count,
        "last_seen_up": service.last_seen_up,
        "created_at": now,
    }
    insert_if_absent(tx, services, values)


def find(tx: Tx, host: str, binary: str, alive_since: dt.datetime) -> Service | None:
    row = tx.execute(_FIND, {"on_host": host, "of_binary": binary}).mappings().first()
    return None if row is None else _service(row, alive_since)


def get(tx: Tx, uuid: str, alive_since: dt.datetime) -> Service:
    """Raises ServiceNotFound."""
    row = tx.execute(_SELECT.where(_S.uuid == uuid)).mappings().first()
    if row is None:
        raise errors.ServiceNotFound(service_id=uuid)
    return _service(row, alive_since)


def list_services(
    tx: Tx, alive_since: dt.datetime, *, host: str | None = None, binary: str | None = None
) -> list[Service]:
    """By id."""
    statement = _SELECT.order_by(_S.id)
    if host is not None:
        statement = statement.where(_S.host == host)
    if binary is not None:
        statement = statement.where(_S.binary == binary)
    return [_service(row, alive_since) for row in tx.execute(statement).mappings()]


def not_plain(tx: Tx, alive_since: dt.datetime) -> list[Service]:
    """The compute services that are not simply up and enabled: few, on a healthy cloud."""
    late = sa.or_(_S.last_seen_up < alive_since, _S.last_seen_up.is_(None))
    unusual = sa.or_(late, _S.disabled.is_(True), _S.forced_down.is_(True))
    statement = _SELECT.where(_S.binary == COMPUTE, unusual)
    return [_service(row, alive_since) for row in tx.execute(statement).mappings()]


def _service(row: Mapping[Any, Any], alive_since: dt.datetime) -> Service:
    seen = row["last_seen_up"]
    alive = seen is not None and seen >= alive_since and not row["forced_down"]
    return Service(**row, up=alive)


def update(tx: Tx, uuid: str, **values: Any) -> None:
    """Write disabled, disabled_reason or forced_down. Raises ServiceNotFound."""
    values["updated_at"] = clock.now()
    statement = services.update().where(_S.uuid == uuid, _S.deleted == 0).values(**values)
    if tx.execute(statement).rowcount != 1:
        raise errors.ServiceNotFound(service_id=uuid)


def delete(tx: Tx, uuid: str) -> None:
    """Soft: the row stays until it is archived. Raises ServiceNotFound."""
    statement = services.update().where(_S.uuid == uuid, _S.deleted == 0)
    gone = statement.values(deleted=_S.id, deleted_at=clock.now())
    if tx.execute(gone).rowcount != 1:
        raise errors.ServiceNotFound(service_id=uuid)


def compute_hosts(tx: Tx) -> list[str]:
    """Hosts that have a compute service, by name."""
    statement = sa.select(_S.host).where(_S.binary == COMPUTE, _S.deleted == 0)
    return [row.host for row in tx.execute(statement.distinct().order_by(_S.host))]


def least_levels(tx: Tx) -> dict[str, int]:
    """Topic -> the lowest wire level among its services."""
    statement = sa.select(_S.topic, sa.func.min(_S.wire_level).label("level"))
    rows = tx.execute(statement.where(_S.deleted == 0).group_by(_S.topic))
    return {row.topic: row.level for row in rows if row.topic}


def below_level(tx: Tx, level: int) -> list[tuple[str, str, int]]:
    """(binary, host, wire level) of the services whose wire level is below this one."""
    statement = sa.select(_S.binary, _S.host, _S.wire_level).order_by(_S.id)
    rows = tx.execute(statement.where(_S.deleted == 0, _S.wire_level < level))
    return [(row.binary, row.host, row.wire_level) for row in rows]
