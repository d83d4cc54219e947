# SPDX-License-Identifier: Apache-2.0
"""`nova-lite-manage db archive_deleted_rows` and `db purge`, over both databases."""

import datetime as dt
from collections.abc import Callable, Sequence

from nova_lite.base import clock
from nova_lite.db.api import groups, instance_mappings, request_specs
from nova_lite.db.cell import archive
from nova_lite.db.cell.archive import Counts, added
from nova_lite.db.databases import Databases
from nova_lite.db.engine import Tx
from nova_lite.domain.cell import Cell

BATCH = 100  # servers in a transaction


def archive_deleted_rows(
    databases: Databases,
    cells: Sequence[Cell],
    *,
    max_rows: int,
    before: dt.datetime | None = None,
    until_complete: bool = False,
    pause: float = 0,
    progress: Callable[[str], None] = lambda words: None,
) -> Counts:
    """Move at most `max_rows` rows (so many again and again with `until_complete`); by table.

    A server's mapping and request spec go with it."""
    total: Counts = {}
    while True:
        room = max_rows
        for cell in cells:
            moved = _archive_cell(databases, cell, room, before)
            if moved:
                progress(f"{sum(moved.values())} rows of cell {cell.name or cell.uuid}")
            room -= sum(moved.values())
            total = added(total, moved)
            if room <= 0:
                break
        if not until_complete or room == max_rows:
            return {name: count for name, count in total.items() if count}
        clock.sleep(pause)


def _archive_cell(
    databases: Databases, cell: Cell, room: int, before: dt.datetime | None
) -> Counts:
    total: Counts = {}
    left_alone: list[str] = []
    while room > sum(total.values()):
        free = room - sum(total.values())
        with databases.read_cell(cell) as tx:
            uuids = archive.candidates(tx, min(BATCH, free), before, left_alone)
        if not uuids:
            break
        ready = _ready(databases, uuids)
        left_alone += [uuid for uuid in uuids if uuid not in ready]
        moved = _archive_servers(databases, cell, ready, free)
        total = added(total, moved)
        if ready and not moved:
            break
    free = room - sum(total.values())
    others = databases.run_cell(cell, lambda tx: archive.archive_others(tx, free, before))
    return added(total, others)


def _ready(databases: Databases, uuids: Sequence[str]) -> list[str]:
    """Those whose deletion is through: else their quota would never be given back."""
    with databases.read_api() as tx:
        mappings = instance_mappings.get_many(tx, uuids)
    return [u for u in uuids if u not in mappings or mappings[u].queued_for_delete]


def _archive_servers(databases: Databases, cell: Cell, uuids: Sequence[str], room: int) -> Counts:
    """The API database first: a server without mapping is found again by its row, a mapping
    without server would not be."""
    if not uuids:
        return {}
    with databases.read_cell(cell) as tx:
        fit = archive.fitting(tx, uuids, room)
    if not fit:
        return databases.run_cell(cell, lambda tx: archive.archive_part(tx, uuids[0], room))

    def forget(tx: Tx) -> None:
        request_specs.delete(tx, fit)
        groups.remove_members(tx, fit)
        instance_mappings.delete(tx, fit)

    databases.run_api(forget, idempotent=True)
    return databases.run_cell(cell, lambda tx: archive.archive_servers(tx, fit))


def purge(databases: Databases, cells: Sequence[Cell], before: dt.datetime | None) -> Counts:
    """Remove archived rows for good; by shadow table."""
    total: Counts = {}
    for cell in cells:
        total = added(total, databases.run_cell(cell, lambda tx: archive.purge(tx, before)))
    return total
