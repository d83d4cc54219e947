# SPDX-License-Identifier: Apache-2.0
"""Cell mappings and host mappings: which cells there are, and which host is in which."""

from typing import Any

import sqlalchemy as sa

from nova_lite.base import clock
from nova_lite.db.api.models import cell_mappings, host_mappings, instance_mappings
from nova_lite.db.columns import insert_if_absent
from nova_lite.db.engine import Tx
from nova_lite.domain.cell import Cell

_CELLS = sa.select(
    cell_mappings.c.id,
    cell_mappings.c.uuid,
    cell_mappings.c.name,
    cell_mappings.c.database_connection,
    cell_mappings.c.transport_url,
    cell_mappings.c.disabled,
).order_by(cell_mappings.c.id)


def list_cells(tx: Tx) -> list[Cell]:
    """All cells in the order they were made."""
    return [Cell(**row) for row in tx.execute(_CELLS).mappings()]


def create_cell(tx: Tx, cell: Cell) -> None:
    """Raises db.errors.Duplicate when the uuid is taken."""
    tx.execute(
        cell_mappings.insert(),
        {
            "uuid": cell.uuid,
            "name": cell.name,
            "database_connection": cell.database_connection,
            "transport_url": cell.transport_url,
            "disabled": cell.disabled,
            "created_at": clock.now(),
        },
    )


def update_cell(tx: Tx, uuid: str, **values: Any) -> bool:
    """Write these columns; False when there is no such cell."""
    values["updated_at"] = clock.now()
    statement = cell_mappings.update().where(cell_mappings.c.uuid == uuid).values(**values)
    return tx.execute(statement).rowcount == 1


def delete_cell(tx: Tx, uuid: str) -> bool:
    return tx.execute(cell_mappings.delete().where(cell_mappings.c.uuid == uuid)).rowcount == 1


def has_servers(tx: Tx, uuid: str) -> bool:
    """True when instance mappings point to the cell."""
    statement = (
        sa.select(instance_mappings.c.id)
        .join(cell_mappings, cell_mappings.c.id == instance_mappings.c.cell_id)
        .where(cell_mappings.c.uuid == uuid)
        .limit(1)
    )
    return tx.scalar(statement) is not None


# --- hosts ----------------------------------------------------------------------------------


def list_hosts(tx: Tx) -> dict[str, str]:
    """host -> uuid of its cell, by host name."""
    statement = (
        sa.select(host_mappings.c.host, cell_mappings.c.uuid)
        .join(cell_mappings, cell_mappings.c.id == host_mappings.c.cell_id)
        .order_by(host_mappings.c.host)
    )
    return {row.host: row.uuid for row in tx.execute(statement)}


def cell_of_host(tx: Tx, host: str) -> str | None:
    """The uuid of the host's cell; None when the host is not mapped."""
    statement = (
        sa.select(cell_mappings.c.uuid)
        .join(host_mappings, cell_mappings.c.id == host_mappings.c.cell_id)
        .where(host_mappings.c.host == host)
    )
    found: str | None = tx.scalar(statement)
    return found


def map_host(tx: Tx, host: str, cell: Cell) -> bool:
    """False when the host is mapped already, to whatever cell."""
    values = {"host": host, "cell_id": cell.id, "created_at": clock.now()}
    return insert_if_absent(tx, host_mappings, values)


def unmap_host(tx: Tx, host: str) -> bool:
    return tx.execute(host_mappings.delete().where(host_mappings.c.host == host)).rowcount == 1


def unmap_hosts_of(tx: Tx, cell: Cell) -> int:
    """How many hosts of the cell were unmapped."""
    statement = host_mappings.delete().where(host_mappings.c.cell_id == cell.id)
    return tx.execute(statement).rowcount
