# SPDX-License-Identifier: Apache-2.0
"""Lists of servers over all cells: one query plan for each, pages merged, ready JSON text out.

With one cell that has hosts nothing is scattered: it is asked in this thread, and cell0 after
it. A cell that does not answer in time gives short `down` records made of the mappings, where
short records are wanted; in a detailed list its servers are missing.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import msgspec

from nova_lite.base import concurrency
from nova_lite.base import context as base_context
from nova_lite.conductor import host_status
from nova_lite.conductor.cells import Cells
from nova_lite.conductor.deps import Deps
from nova_lite.db.api import instance_mappings
from nova_lite.db.cell import instance_query, instances
from nova_lite.db.engine import Tx
from nova_lite.domain import errors
from nova_lite.domain.cell import CELL0, Cell
from nova_lite.domain.instance import InstanceQuery
from nova_lite.rpc.contract import RawJson

LOG = logging.getLogger(__name__)
CELL_TIMEOUT: Final = 60.0  # seconds that a cell may take for its page

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class Item:
    """A server of a page: its JSON text, and the values that sort it among other cells'."""

    text: str
    keys: tuple[Any, ...]


def page(deps: Deps, cells: Cells, query: InstanceQuery, *, summary: bool) -> RawJson:
    """JSON text of list[InstanceSummary] or list[Instance]. Raises MarkerNotFound."""
    marker = _marker(deps, cells, query)
    read = _summaries if summary else _details

    def of_cell(cell: Cell) -> list[Item]:
        with deps.databases.read_cell(cell) as tx:
            return read(tx, deps.conf, query, marker)

    found, down = _gather(deps, of_cell)
    texts = [item.text for item in _merged(found, query)]
    if summary and down:
        texts += _down_records(deps, query, down)
    return RawJson(f"[{','.join(texts)}]".encode())


def _marker(deps: Deps, cells: Cells, query: InstanceQuery) -> list[Any] | None:
    if query.marker is None:
        return None
    try:
        cell = cells.of(query.marker)
    except errors.InstanceNotFound:
        raise errors.MarkerNotFound(marker=query.marker) from None
    with deps.databases.read_cell(cell) as tx:
        return instance_query.marker_values(tx, query)


# --- one cell -----------------------------------------------------------------------------------


def _summaries(tx: Tx, conf: Any, query: InstanceQuery, marker: Any) -> list[Item]:
    rows = instance_query.summaries(tx, query, marker)
    get = _keys_of(query)
    return [
        Item(_encode({"uuid": row.uuid, "display_name": row.display_name}).decode(), get(row))
        for row in rows
    ]


def _details(tx: Tx, conf: Any, query: InstanceQuery, marker: Any) -> list[Item]:
    rows = instance_query.page(tx, query, marker)
    hosts = {row.host for row in rows if row.host is not None}
    statuses = host_status.of(tx, conf, list(hosts))
    get = _keys_of(query)
    texts = instances.texts(tx, rows, statuses)
    return [Item(text, get(row)) for row, text in zip(rows, texts, strict=True)]


def _keys_of(query: InstanceQuery) -> Callable[[Any], tuple[Any, ...]]:
    names = [name for name, _ in instance_query.sort_key(query)]
    return lambda row: tuple(getattr(row, name) for name in names)


# --- all cells ----------------------------------------------------------------------------------


def _gather(
    deps: Deps, of_cell: Callable[[Cell], list[Item]]
) -> tuple[list[list[Item]], list[Cell]]:
    """(the pages of the cells that answered, the cells that did not)."""
    with_hosts = deps.databases.compute_cells()
    cell0 = [cell for cell in deps.databases.cells() if cell.uuid == CELL0]
    if len(with_hosts) <= 1:
        return _in_turn([*with_hosts, *cell0], of_cell)
    tasks = [(cell, concurrency.spawn(base_context.bound(of_cell), cell)) for cell in with_hosts]
    found, down = _in_turn(cell0, of_cell)
    for cell, task in tasks:
        try:
            found.append(task.wait(CELL_TIMEOUT))
        except (TimeoutError, errors.DatabaseUnavailable) as error:
            _say_down(cell, error)
            down.append(cell)
    return found, down


def _in_turn(
    cells: Sequence[Cell], of_cell: Callable[[Cell], list[Item]]
) -> tuple[list[list[Item]], list[Cell]]:
    found, down = [], []
    for cell in cells:
        try:
            found.append(of_cell(cell))
        except errors.DatabaseUnavailable as error:
            _say_down(cell, error)
            down.append(cell)
    return found, down


def _say_down(cell: Cell, error: Exception) -> None:
    LOG.warning("cell %s does not answer: %s", cell.name or cell.uuid, error)


def _merged(found: Sequence[list[Item]], query: InstanceQuery) -> list[Item]:
    """One page of several, in the order of the query."""
    pages = [items for items in found if items]
    if len(pages) <= 1:
        return pages[0] if pages else []
    items = [item for page in pages for item in page]
    order = instance_query.sort_key(query)
    for at in reversed(range(len(order))):
        items.sort(key=partial(_comparable, at), reverse=order[at][1])
    return items[: query.limit]


def _comparable(at: int, item: Item) -> tuple[bool, Any]:
    value = item.keys[at]
    return (value is not None, 0 if value is None else value)


def _down_records(deps: Deps, query: InstanceQuery, down: Sequence[Cell]) -> list[str]:
    """What the mappings know of the servers in cells that did not answer. No filter but the
    project is looked at, and there are no pages."""
    found: list[str] = []
    names = {cell.uuid for cell in down}
    with deps.databases.read_api() as tx:
        for mapping in instance_mappings.of_cells(tx, names, query.project_id, query.limit):
            record = {"uuid": mapping.instance_uuid, "display_name": "", "down": True}
            found.append(_encode(record).decode())
    return found
