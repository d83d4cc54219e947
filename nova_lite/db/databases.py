# SPDX-License-Identifier: Apache-2.0
"""All databases of a conductor: the API database and those of the cells.

    with databases.api() as tx: ...            a transaction; COMMIT at the end, ROLLBACK on error
    with databases.cell(cell) as tx: ...
    with databases.read_api() as tx: ...       a reader: each statement sees what is committed
    databases.run_api(fn)                      fn(tx) in a transaction, again if it lost a race

`cell` is a Cell or the uuid of one. The mappings are read once and again when a uuid is unknown
or they have become old.
"""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any, Final, TypeVar

from nova_lite.base import clock, concurrency
from nova_lite.db import schema
from nova_lite.db.api import cells
from nova_lite.db.engine import Database, Options, Reader, Tx
from nova_lite.domain.cell import CELL0, Cell
from nova_lite.domain.errors import NotFound

T = TypeVar("T")
CELLS_AGE: Final = 60.0  # seconds


def api_options(conf: Any, **other: int) -> Options:
    return Options.from_group(
        conf.api_database, name="API", option="[api_database] connection", **other
    )


def cell_options(conf: Any, **other: int) -> Options:
    return Options.from_group(conf.database, name="cell", option="[database] connection", **other)


class Databases:
    """Made once for a process. Usable from every thread."""

    def __init__(self, api_url: str, api_options: Options, cell_options: Options) -> None:
        self.api_database = Database(api_url, api_options)
        self._cell_options = cell_options
        self._by_url: dict[str, Database] = {}
        self._cells: dict[str, Cell] = {}
        self._read_at: float | None = None
        self._lock = concurrency.Lock()

    @classmethod
    def from_conf(cls, conf: Any, **other: int) -> "Databases":
        """`other`: options to use instead of those in the configuration.

        Raises ConfigurationError when [api_database] connection is missing or wrong."""
        return cls(
            conf.api_database.connection or "",
            api_options(conf, **other),
            cell_options(conf, **other),
        )

    # --- transactions -----------------------------------------------------------------------

    def api(self) -> AbstractContextManager[Tx]:
        return self.api_database.transaction()

    def read_api(self) -> AbstractContextManager[Reader]:
        return self.api_database.reader()

    def run_api(self, fn: Callable[[Tx], T], *, idempotent: bool = False) -> T:
        return self.api_database.run(fn, idempotent=idempotent)

    def cell(self, cell: Cell | str) -> AbstractContextManager[Tx]:
        return self.cell_database(cell).transaction()

    def read_cell(self, cell: Cell | str) -> AbstractContextManager[Reader]:
        return self.cell_database(cell).reader()

    def run_cell(self, cell: Cell | str, fn: Callable[[Tx], T], *, idempotent: bool = False) -> T:
        return self.cell_database(cell).run(fn, idempotent=idempotent)

    # --- cells ------------------------------------------------------------------------------

    def cells(self, *, fresh: bool = False) -> list[Cell]:
        """All cells, cell0 among them, in the order they were made."""
        age = None if self._read_at is None else clock.monotonic() - self._read_at
        if fresh or age is None or age > CELLS_AGE:
            with self.read_api() as tx:
                found = cells.list_cells(tx)
            self._cells = {cell.uuid: cell for cell in found}
            self._read_at = clock.monotonic()
        return list(self._cells.values())

    def compute_cells(self) -> list[Cell]:
        """The cells that may have hosts."""
        return [cell for cell in self.cells() if cell.uuid != CELL0]

    def get_cell(self, uuid: str) -> Cell:
        """Raises NotFound."""
        self.cells()
        if uuid not in self._cells:
            self.cells(fresh=True)
        try:
            return self._cells[uuid]
        except KeyError:
            raise NotFound(f"Cell {uuid} could not be found.") from None

    def cell_database(self, cell: Cell | str) -> Database:
        """The database of a cell; two cells with one URL share its connections."""
        if isinstance(cell, str):
            cell = self.get_cell(cell)
        with self._lock:
            found = self._by_url.get(cell.database_connection)
            if found is None:
                found = Database(cell.database_connection, self._cell_options)
                self._by_url[cell.database_connection] = found
            return found

    # --- start and end ----------------------------------------------------------------------

    def wait(self) -> None:
        """Until all databases answer and are of this release.

        Raises DatabaseUnavailable, SchemaVersionMismatch, ConfigurationError."""
        self.api_database.wait()
        schema.check(self.api_database, schema.API)
        for cell in self.cells(fresh=True):
            database = self.cell_database(cell)
            database.wait()
            schema.check(database, schema.CELL)

    def close(self) -> None:
        """Drop all connections."""
        databases: Iterable[Database] = [self.api_database, *self._by_url.values()]
        for database in databases:
            database.close()
