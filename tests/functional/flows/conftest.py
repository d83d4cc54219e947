# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nova_lite.db.databases import Databases
from tests.fixtures.conducting import Cloud
from tests.fixtures.databases import make_databases, sqlite_urls


@pytest.fixture
def databases(tmp_path: Path) -> Iterator[Databases]:
    made = make_databases(sqlite_urls(tmp_path))
    yield made
    made.close()


@pytest.fixture
def make_cloud(databases: Databases) -> Iterator[Callable[..., Cloud]]:
    """A cloud without conductors."""
    made: list[Cloud] = []

    def make(**options: Any) -> Cloud:
        made.append(Cloud(databases, **options))
        return made[-1]

    yield make
    for cloud in made:
        cloud.stop()


@pytest.fixture
def cloud(make_cloud: Callable[..., Cloud]) -> Cloud:
    """A cloud with one conductor and two hosts."""
    cloud = make_cloud()
    cloud.process()
    return cloud
