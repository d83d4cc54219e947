# SPDX-License-Identifier: Apache-2.0
"""Bringing databases and cells into being: what an operator does once, and embedded mode at
each start. Everything may be repeated."""

from typing import Any, Final

from nova_lite.conductor import cell_admin
from nova_lite.db import schema
from nova_lite.db.databases import Databases, api_options, cell_options
from nova_lite.db.engine import Database
from nova_lite.domain import errors
from nova_lite.domain.cell import CELL0, Cell

# Whoever gives a command wants to know at once that the database is not there.
IMPATIENT: Final = {"max_retries": 0}


# --- schemas --------------------------------------------------------------------------------


def sync_api(conf: Any, revision: str | None = None) -> None:
    """Tables of the API database."""
    _sync(api_database(conf), schema.API, revision)


def sync_cells(conf: Any, revision: str | None = None, *, local: bool = False) -> None:
    """Tables of [database] connection and, unless `local`, of every mapped cell.

    Raises NotFound when cell0 is not mapped."""
    urls = [conf.database.connection] if conf.database.connection else []
    if not local:
        mapped = Databases.from_conf(conf, **IMPATIENT)
        found = mapped.cells()
        mapped.close()
        if not any(cell.uuid == CELL0 for cell in found):
            raise errors.NotFound(
                "cell0 is not mapped; run nova-lite-manage cell_v2 simple_cell_setup"
            )
        urls += [cell.database_connection for cell in found]
    if not urls:
        raise errors.ConfigurationError(option="[database] connection", reason="is not set")
    for url in dict.fromkeys(urls):
        _sync(cell_database(conf, url), schema.CELL, revision)


def _sync(database: Database, tree: schema.Tree, revision: str | None) -> None:
    # Only here: alembic is large, and the conductor imports this module.
    from nova_lite.db import revisions

    try:
        revisions.sync(database, tree, revision)
    finally:
        database.close()


def version(conf: Any, *, api: bool) -> str | None:
    """The revision of the API database or of the one of [database]; None before the first sync."""
    database = api_database(conf) if api else cell_database(conf)
    try:
        database.wait()
        return schema.version(database)
    finally:
        database.close()


def api_database(conf: Any) -> Database:
    return Database(conf.api_database.connection or "", api_options(conf, **IMPATIENT))


def cell_database(conf: Any, url: str | None = None) -> Database:
    """The one of [database] connection, or of another URL."""
    return Database(url or conf.database.connection or "", cell_options(conf, **IMPATIENT))


# --- cells ----------------------------------------------------------------------------------


def simple_cell_setup(conf: Any, transport_url: str | None = None) -> list[str]:
    """cell0 and one cell from the configuration, where they are missing; what was done."""
    databases = Databases.from_conf(conf, **IMPATIENT)
    try:
        done = []
        url = conf.database.connection or ""
        if cell_admin.map_cell0(databases, cell_admin.cell0_url(url)):
            done.append("cell0 is mapped")
        queue = transport_url or conf.transport_url or cell_admin.NO_QUEUE
        if not databases.compute_cells():
            cell_admin.create_cell(databases, name="cell1", url=url, transport_url=queue)
            done.append("cell1 is mapped")
        return done
    finally:
        databases.close()


def set_up(conf: Any) -> None:
    """Everything that an installation on one machine needs: schemas and cells."""
    sync_api(conf)
    simple_cell_setup(conf)
    sync_cells(conf)


def open_databases(conf: Any) -> Databases:
    """For a command: a database that is not there is an error at once.

    Raises DatabaseUnavailable, ConfigurationError, SchemaVersionMismatch."""
    databases = Databases.from_conf(conf, **IMPATIENT)
    databases.api_database.wait()
    schema.check(databases.api_database, schema.API)
    return databases


def chosen_cells(conf: Any, *, everything: bool) -> tuple[Databases, list[Cell]]:
    """The databases, and the cells that a command works on: all of them, or the one that
    [database] connection names, which need not be mapped."""
    databases = open_databases(conf)
    found = databases.cells()
    if not everything:
        url = conf.database.connection or ""
        if not url:
            raise errors.ConfigurationError(option="[database] connection", reason="is not set")
        found = [cell for cell in found if cell.database_connection == url]
        found = found[:1] or [Cell(uuid="", name="[database]", database_connection=url)]
    for cell in found:
        schema.check(databases.cell_database(cell), schema.CELL)
    return databases, found
