# SPDX-License-Identifier: Apache-2.0
"""Instance mappings: which cell a server is in, whose it is, and what it counts for."""

import datetime as dt
from collections.abc import Collection, Sequence

import msgspec
import sqlalchemy as sa

from nova_lite.db.api.models import cell_mappings, instance_mappings
from nova_lite.db.engine import Tx
from nova_lite.domain.cell import Cell

_T = instance_mappings.c


class InstanceMapping(msgspec.Struct, frozen=True, kw_only=True):
    """`cell` is the uuid of the cell. `ram` is in MiB."""

    instance_uuid: str
    cell: str
    project_id: str
    user_id: str | None
    cores: int
    ram: int
    created_at: dt.datetime
    queued_for_delete: bool = False

    @property
    def amounts(self) -> dict[str, int]:
        """What quota counts."""
        return {"instances": 1, "cores": self.cores, "ram": self.ram}


_SELECT = sa.select(
    _T.instance_uuid,
    cell_mappings.c.uuid.label("cell"),
    _T.project_id,
    _T.user_id,
    _T.cores,
    _T.ram,
    _T.created_at,
    _T.queued_for_delete,
).join(cell_mappings, cell_mappings.c.id == _T.cell_id)
_GET = _SELECT.where(_T.instance_uuid == sa.bindparam("uuid"))
_MARK = (
    instance_mappings.update()
    .where(_T.instance_uuid == sa.bindparam("uuid"))
    .where(_T.queued_for_delete == sa.bindparam("was"))
    .values(queued_for_delete=sa.bindparam("now"))
)


def create(tx: Tx, cell: Cell, mappings: Sequence[InstanceMapping]) -> None:
    """All in one statement. Raises db.errors.Duplicate when a uuid is there already."""
    rows = [
        {**{k: v for k, v in msgspec.structs.asdict(m).items() if k != "cell"}, "cell_id": cell.id}
        for m in mappings
    ]
    tx.execute(instance_mappings.insert(), rows)


def get(tx: Tx, uuid: str) -> InstanceMapping | None:
    """Also of a server that is queued for deletion."""
    row = tx.execute(_GET, {"uuid": uuid}).mappings().first()
    return None if row is None else InstanceMapping(**row)


def get_many(tx: Tx, uuids: Sequence[str]) -> dict[str, InstanceMapping]:
    """By uuid; unknown ones are left out."""
    found: dict[str, InstanceMapping] = {}
    for start in range(0, len(uuids), 500):
        part = _SELECT.where(_T.instance_uuid.in_(uuids[start : start + 500]))
        for row in tx.execute(part).mappings():
            found[row["instance_uuid"]] = InstanceMapping(**row)
    return found


def mark_deleted(tx: Tx, uuid: str) -> InstanceMapping | None:
    """Queue for deletion. The mapping if this call did it, None if it was so or is unknown:
    whoever gets the mapping gives its `amounts` back to the quota in the same transaction."""
    if tx.execute(_MARK, {"uuid": uuid, "was": False, "now": True}).rowcount != 1:
        return None
    return get(tx, uuid)


def mark_restored(tx: Tx, uuid: str) -> InstanceMapping | None:
    """The way back; None if it was not queued. The quota has to be consumed again."""
    if tx.execute(_MARK, {"uuid": uuid, "was": True, "now": False}).rowcount != 1:
        return None
    return get(tx, uuid)


def move(tx: Tx, uuid: str, cell: Cell) -> bool:
    """Map to another cell."""
    statement = instance_mappings.update().where(_T.instance_uuid == uuid).values(cell_id=cell.id)
    return tx.execute(statement).rowcount == 1


def newest(tx: Tx, limit: int) -> list[InstanceMapping]:
    """The last ones made, of those not queued for deletion; by the primary key alone."""
    statement = _SELECT.order_by(_T.id.desc()).limit(limit)
    rows = tx.execute(statement).mappings()
    return [InstanceMapping(**row) for row in rows if not row["queued_for_delete"]]


def page(tx: Tx, after: str | None, limit: int = 1000) -> list[InstanceMapping]:
    """All mappings by uuid, from the one behind `after`; for audits."""
    statement = _SELECT.order_by(_T.instance_uuid).limit(limit)
    if after is not None:
        statement = statement.where(_T.instance_uuid > after)
    return [InstanceMapping(**row) for row in tx.execute(statement).mappings()]


def of_cells(
    tx: Tx, cells: Collection[str], project_id: str | None, limit: int
) -> list[InstanceMapping]:
    """Those of some cells (uuids) that are not queued for deletion, newest first.

    `project_id` None = of all projects."""
    statement = _SELECT.where(cell_mappings.c.uuid.in_(sorted(cells)))
    statement = statement.where(_T.queued_for_delete.is_(False))
    if project_id is not None:
        statement = statement.where(_T.project_id == project_id)
    rows = tx.execute(statement.order_by(_T.id.desc()).limit(limit)).mappings()
    return [InstanceMapping(**row) for row in rows]


def delete(tx: Tx, uuids: Sequence[str]) -> int:
    """Forget these servers; returns how many there were."""
    count = 0
    for start in range(0, len(uuids), 500):
        part = uuids[start : start + 500]
        count += tx.execute(instance_mappings.delete().where(_T.instance_uuid.in_(part))).rowcount
    return count
