# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.conducting import Cloud
from tests.fixtures.databases import make_databases, sqlite_urls


@pytest.fixture
def make_cloud(tmp_path: Path) -> Iterator[Callable[..., Cloud]]:
    """A cloud without conductors."""
    databases = make_databases(sqlite_urls(tmp_path))
    made: list[Cloud] = []

    def make(**options: Any) -> Cloud:
        made.append(Cloud(databases, **options))
        return made[-1]

    yield make
    for cloud in made:
        cloud.stop()
    databases.close()


@pytest.fixture
def cloud(make_cloud: Callable[..., Cloud]) -> Cloud:
    """A cloud with one conductor and two hosts."""
    cloud = make_cloud()
    cloud.process()
    return cloud
