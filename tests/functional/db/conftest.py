# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from pathlib import Path

import pytest

from nova_lite.db.databases import Databases
from tests.fixtures.databases import make_databases, sqlite_urls


@pytest.fixture
def databases(tmp_path: Path) -> Iterator[Databases]:
    """API database, cell0 and cell1, empty, on SQLite. The integration tests run the same tests
    with another fixture of this name."""
    made = make_databases(sqlite_urls(tmp_path))
    yield made
    made.close()
