# SPDX-License-Identifier: Apache-2.0
"""Cells and the hosts in them, as operators change them."""

from pathlib import PurePath
from typing import Any, Final

import msgspec
from sqlalchemy import exc
from sqlalchemy.engine import make_url

from nova_lite.base import ids
from nova_lite.db.api import aggregates, cells, network_rows, providers
from nova_lite.db.cell import compute_nodes, services
from nova_lite.db.databases import Databases
from nova_lite.db.engine import Tx
from nova_lite.domain import errors
from nova_lite.domain.cell import CELL0, Cell

CELL0_SUFFIX: Final = "_cell0"
NO_QUEUE: Final = "none:///"


def cell0_url(url: str) -> str:
    """Where cell0 is by default: beside the cell, with a suffix to the name.

    Raises ConfigurationError when there is no URL."""
    if not url:
        raise errors.ConfigurationError(option="[database] connection", reason="is not set")
    parsed = make_url(url)
    name = parsed.database or ""
    if parsed.get_backend_name() == "sqlite":
        path = PurePath(name)
        name = str(path.with_name(path.stem + CELL0_SUFFIX + path.suffix))
    else:
        name += CELL0_SUFFIX
    return parsed.set(database=name).render_as_string(hide_password=False)


def map_cell0(databases: Databases, url: str) -> bool:
    """False when cell0 is mapped already."""
    if any(cell.uuid == CELL0 for cell in databases.cells(fresh=True)):
        return False
    new = Cell(uuid=CELL0, name="cell0", database_connection=url, transport_url=NO_QUEUE)
    databases.run_api(lambda tx: cells.create_cell(tx, new))
    databases.cells(fresh=True)
    return True


def same_place(
    databases: Databases, url: str, transport_url: str, besides: str = ""
) -> Cell | None:
    """A cell, not the one with the uuid `besides`, that has this database or message queue."""
    for cell in databases.cells(fresh=True):
        queue = cell.transport_url == transport_url and transport_url != NO_QUEUE
        if cell.uuid != besides and (queue or cell.database_connection == url):
            return cell
    return None


def _in_use(cell: Cell) -> errors.Conflict:
    return errors.Conflict(
        "The specified transport_url and/or database_connection is in use by cell "
        f"{cell.name or ''} ({cell.uuid})"
    )


def create_cell(
    databases: Databases,
    *,
    name: str | None,
    url: str,
    transport_url: str,
    disabled: bool = False,
) -> Cell:
    """Raises Conflict when another cell is at the same place."""
    taken = same_place(databases, url, transport_url)
    if taken is not None:
        raise _in_use(taken)
    new = Cell(
        uuid=ids.new_uuid(),
        name=name,
        database_connection=url,
        transport_url=transport_url,
        disabled=disabled,
    )
    databases.run_api(lambda tx: cells.create_cell(tx, new))
    databases.cells(fresh=True)
    return databases.get_cell(new.uuid)


def update_cell(databases: Databases, cell: Cell, **values: Any) -> None:
    """Raises Conflict when another cell is at the new place."""
    url = values.get("database_connection", cell.database_connection)
    queue = values.get("transport_url", cell.transport_url)
    taken = same_place(databases, url, queue, besides=cell.uuid)
    if taken is not None:
        raise _in_use(taken)
    databases.run_api(lambda tx: cells.update_cell(tx, cell.uuid, **values), idempotent=True)
    databases.cells(fresh=True)


def has_servers(databases: Databases, cell: Cell) -> bool:
    """True when servers, also deleted ones that are not archived, are mapped to the cell."""
    with databases.read_api() as tx:
        return cells.has_servers(tx, cell.uuid)


def delete_cell(databases: Databases, cell: Cell) -> None:
    """With the mappings of its hosts."""

    def write(tx: Tx) -> None:
        cells.unmap_hosts_of(tx, cell)
        cells.delete_cell(tx, cell.uuid)

    databases.run_api(write, idempotent=True)
    databases.cells(fresh=True)


# --- hosts ----------------------------------------------------------------------------------


class Discovered(msgspec.Struct, frozen=True, kw_only=True):
    """Hosts that were mapped, by cell; hosts that another cell has already."""

    mapped: list[tuple[Cell, str]]
    duplicates: list[tuple[Cell, str]]


def discover_hosts(databases: Databases, chosen: list[Cell], *, by_service: bool) -> Discovered:
    """Map the compute hosts that are in a cell's tables but in no mapping."""
    mapped: list[tuple[Cell, str]] = []
    duplicates: list[tuple[Cell, str]] = []
    for cell in chosen:
        with databases.read_cell(cell) as tx:
            found = services.compute_hosts(tx) if by_service else compute_nodes.hosts(tx)
        with databases.read_api() as tx:
            known = cells.list_hosts(tx)
        for host in found:
            if known.get(host) == cell.uuid:
                continue
            if host in known:
                duplicates.append((cell, host))
            elif databases.run_api(lambda tx, h=host, c=cell: cells.map_host(tx, h, c)):  # type: ignore[misc]
                mapped.append((cell, host))
    return Discovered(mapped=mapped, duplicates=duplicates)


def list_hosts(databases: Databases) -> dict[str, str]:
    """host -> uuid of its cell."""
    with databases.read_api() as tx:
        return cells.list_hosts(tx)


def servers_on(databases: Databases, cell: Cell, host: str) -> int:
    """How many servers live on a host."""
    with databases.read_cell(cell) as tx:
        return len(compute_nodes.servers_on(tx, [host]))


def unmap_host(databases: Databases, host: str) -> None:
    """Raises ServiceBusy while something is claimed on the host."""

    def write(tx: Tx) -> None:
        claims = providers.remove(tx, host)
        if claims:
            raise errors.ServiceBusy(reason=f"Host {host} has {claims} claims.")
        aggregates.remove_host(tx, host)
        cells.unmap_host(tx, host)
        network_rows.forget_host(tx, host)

    databases.run_api(write, idempotent=True)


def hide_password(url: str) -> str:
    """A URL for people to read."""
    try:
        return make_url(url).render_as_string(hide_password=True)
    except exc.ArgumentError:
        return "***" if "@" in url else url
