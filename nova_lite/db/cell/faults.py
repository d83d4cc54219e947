# SPDX-License-Identifier: Apache-2.0
"""Faults: what went wrong with a server. The newest one is shown."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from nova_lite.db.cell.models import instance_faults
from nova_lite.db.engine import Tx
from nova_lite.domain.brief import brief
from nova_lite.domain.instance import Fault

c = instance_faults.c


def insert(tx: Tx, uuid: str, fault: Fault, data: Mapping[str, Any] | None = None) -> None:
    """`data` is for operators, plain JSON."""
    tx.execute(
        instance_faults.insert(),
        {
            "instance_uuid": uuid,
            "code": fault.code,
            "message": brief(fault.message),
            "details": fault.details,
            "data": msgspec.json.encode(data).decode() if data else None,
            "created_at": fault.created_at,
        },
    )


def latest(tx: Tx, uuids: Sequence[str]) -> dict[str, Fault]:
    """uuid -> the newest fault, of those that have one."""
    newest = (
        sa.select(sa.func.max(c.id)).where(c.instance_uuid.in_(uuids)).group_by(c.instance_uuid)
    )
    statement = sa.select(c.instance_uuid, c.code, c.message, c.details, c.created_at)
    return {
        row.instance_uuid: Fault(
            code=row.code, message=row.message, details=row.details, created_at=row.created_at
        )
        for row in tx.execute(statement.where(c.id.in_(newest)))
    }


def latest_data(tx: Tx, uuid: str) -> dict[str, Any] | None:
    """The operators' part of the newest fault that has one."""
    statement = sa.select(c.data).where(c.instance_uuid == uuid, c.data.is_not(None))
    text = tx.scalar(statement.order_by(c.id.desc()).limit(1))
    return None if text is None else msgspec.json.decode(text, type=dict[str, Any])
