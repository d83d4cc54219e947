# SPDX-License-Identifier: Apache-2.0
"""Is this installation ready to start the daemons of this release? Checks without side effects.

A check is a function of the configuration that returns a Verdict; CHECKS is the list of them.
"""

import enum
from collections.abc import Callable
from typing import Any, Final

import msgspec
from sqlalchemy.exc import SQLAlchemyError

from nova_lite.conductor.provision import IMPATIENT
from nova_lite.db import schema
from nova_lite.db.api import cells
from nova_lite.db.cell import compute_nodes, services
from nova_lite.db.databases import Databases
from nova_lite.db.engine import Database, Tx
from nova_lite.domain.cell import CELL0, Cell
from nova_lite.domain.errors import NovaLiteError
from nova_lite.rpc import wire


class Level(enum.IntEnum):
    """The worst one is the exit code of `nova-lite-status upgrade check`."""

    SUCCESS = 0
    WARNING = 1
    FAILURE = 2


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    level: Level
    details: str | None = None


def _good(details: str | None = None) -> Verdict:
    return Verdict(level=Level.SUCCESS, details=details)


def _warn(details: str) -> Verdict:
    return Verdict(level=Level.WARNING, details=details)


def _fail(details: str) -> Verdict:
    return Verdict(level=Level.FAILURE, details=details)


Reading = Callable[[Databases], Verdict]


def _on_databases(conf: Any, read: Reading) -> Verdict:
    """A database that does not answer, or has no tables, is a failure in words."""
    try:
        databases = Databases.from_conf(conf, **IMPATIENT)
        try:
            databases.api_database.wait()
            if schema.version(databases.api_database) is None:
                return _fail(f"The API database has no tables: {schema.API.command}")
            return read(databases)
        finally:
            databases.close()
    except NovaLiteError as error:
        return _fail(error.message)
    except SQLAlchemyError as error:
        return _fail(f"A database is of another release: {' '.join(str(error).split())[:300]}")


def schemas(conf: Any) -> Verdict:
    """Every database is at the revision of this release, or can be brought there."""

    def read(databases: Databases) -> Verdict:
        found = [_schema(databases.api_database, schema.API)]
        for cell in databases.cells():
            database = databases.cell_database(cell)
            database.wait()
            found.append(_schema(database, schema.CELL))
        return max(found, key=lambda verdict: verdict.level)

    return _on_databases(conf, read)


def _schema(database: Database, tree: schema.Tree) -> Verdict:
    # Only here: alembic is large, and the conductor may import this module.
    from nova_lite.db import revisions

    found = schema.version(database)
    if found == tree.head:
        return _good()
    where = f"The {tree.name} database {database.shown} is at revision {found or 'none'}"
    if found in revisions.order(tree):
        return _warn(f"{where}, this release needs {tree.head}: {tree.command}")
    if schema.works_on(tree.head, found):
        return _warn(f"{where}, of a later release, on which this one still works.")
    return _fail(f"{where}, this release needs {tree.head}: {tree.command}")


def cell_mappings(conf: Any) -> Verdict:
    """cell0 and a cell are mapped, and so are the compute hosts."""

    def read(databases: Databases) -> Verdict:
        found = databases.cells()
        if not any(cell.uuid == CELL0 for cell in found):
            return _fail("cell0 is not mapped: nova-lite-manage cell_v2 simple_cell_setup")
        if not databases.compute_cells():
            return _fail("No cell is mapped: nova-lite-manage cell_v2 simple_cell_setup")
        with databases.read_api() as tx:
            mapped = set(cells.list_hosts(tx))
        hosts = {host for cell in found for host in _read(databases, cell, compute_nodes.hosts)}
        if not hosts and not mapped:
            return _good("No compute host has reported yet.")
        missing = sorted(hosts - mapped)
        if missing:
            return _fail(
                f"Compute hosts that are not mapped: {', '.join(missing)}. "
                "Run nova-lite-manage cell_v2 discover_hosts"
            )
        return _good()

    return _on_databases(conf, read)


def old_services(conf: Any) -> Verdict:
    """No service is older than the release before this one."""

    def read(databases: Databases) -> Verdict:
        least = wire.CURRENT.level - 1
        old = [
            f"{binary} on {host} (level {level})"
            for cell in databases.cells()
            for binary, host, level in _read(
                databases, cell, lambda tx: services.below_level(tx, least)
            )
        ]
        if old:
            return _warn(
                f"These services are older than the release before: {', '.join(old)}. "
                "Upgrade them first, or remove those that are gone."
            )
        return _good()

    return _on_databases(conf, read)


def _read(databases: Databases, cell: Cell, read: Callable[[Tx], list[Any]]) -> list[Any]:
    with databases.read_cell(cell) as tx:
        return read(tx)


CHECKS: Final[tuple[tuple[str, Callable[[Any], Verdict]], ...]] = (
    ("Database schemas", schemas),
    ("Cells v2", cell_mappings),
    ("Older than N-1 services", old_services),
)
