# SPDX-License-Identifier: Apache-2.0
"""What servers used: those that were there in a span of time, deleted ones too."""

from typing import Any

import msgspec
import sqlalchemy as sa

from nova_lite.db.cell.models import instances
from nova_lite.db.engine import Tx
from nova_lite.domain.flavor import Flavor
from nova_lite.domain.usage import ServerUsage, UsageQuery

c = instances.c


class _Document(msgspec.Struct, frozen=True, kw_only=True):
    """Of the stored document, the part that counts."""

    flavor: Flavor


_decoder = msgspec.json.Decoder(_Document)


def page(tx: Tx, query: UsageQuery) -> list[ServerUsage]:
    """In the order of the uuids."""
    statement = (
        sa.select(c.uuid, c.project_id, c.display_name, c.vm_state)
        .add_columns(c.launched_at, c.terminated_at, c.data)
        .where(c.launched_at <= query.stop)
        .where(c.terminated_at.is_(None) | (c.terminated_at >= query.start))
        .order_by(c.uuid)
        .limit(query.limit)
    )
    if query.project_id is not None:
        statement = statement.where(c.project_id == query.project_id)
    if query.marker is not None:
        statement = statement.where(c.uuid > query.marker)
    return [_usage(row) for row in tx.execute(statement)]


def _usage(row: Any) -> ServerUsage:
    flavor = _decoder.decode(row.data).flavor
    return ServerUsage(
        uuid=row.uuid,
        project_id=row.project_id,
        name=row.display_name,
        flavor=flavor.name,
        vcpus=flavor.vcpus,
        memory_mb=flavor.memory_mb,
        local_gb=flavor.root_gb + flavor.ephemeral_gb,
        vm_state=row.vm_state,
        launched_at=row.launched_at,
        terminated_at=row.terminated_at,
    )
