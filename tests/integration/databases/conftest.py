# SPDX-License-Identifier: Apache-2.0
"""Tests of the functional tier on MariaDB and PostgreSQL: the fixtures of the same names."""

import itertools
from collections.abc import Iterator

import pytest

from nova_lite.db.databases import Databases
from nova_lite.db.engine import Database
from tests.fixtures.databases import empty, make_databases, options
from tests.fixtures.mariadb import MariaDB
from tests.fixtures.postgres import Postgres
from tests.functional.conductor.conftest import admin, alice, bob, clock, conf, deps  # noqa: F401

SERVERS = [
    pytest.param(MariaDB, id="mariadb", marks=pytest.mark.mariadb),
    pytest.param(Postgres, id="postgresql", marks=pytest.mark.postgresql),
]


_numbers = itertools.count()


class Running:
    """A server, and the databases on it."""

    def __init__(self, kind: type[MariaDB] | type[Postgres]) -> None:
        self.server = kind()
        self.server.start()
        names = ("nova_api", "nova_cell0", "nova_cell1")
        self.urls: tuple[str, str, str] = tuple(self.server.url(name) for name in names)  # type: ignore[assignment]
        self.databases = make_databases(self.urls)


@pytest.fixture(scope="package", params=SERVERS)
def running(request: pytest.FixtureRequest) -> Iterator[Running]:
    if not request.param.available():
        pytest.skip(f"{request.param.__name__} is not installed")
    made = Running(request.param)
    yield made
    made.databases.close()
    made.server.stop()


@pytest.fixture
def empty_database(running: Running) -> Iterator[Database]:
    name = f"empty_{next(_numbers)}"
    database = Database(running.server.url(name), options("API"))
    yield database
    database.close()


@pytest.fixture
def databases(running: Running) -> Databases:
    empty(running.databases, running.urls)
    return running.databases
