# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from pathlib import Path

import pytest

from nova_lite.db.databases import Databases
from nova_lite.db.engine import Database
from tests.fixtures.databases import make_databases, options, sqlite_urls


@pytest.fixture
def databases(tmp_path: Path) -> Iterator[Databases]:
    """API database, cell0 and cell1, empty, on SQLite. The integration tests run the same tests
    with another fixture of this name."""
    made = make_databases(sqlite_urls(tmp_path))
    yield made
    made.close()


@pytest.fixture
def empty_database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/empty.db", options("API"))
    yield database
    database.close()
