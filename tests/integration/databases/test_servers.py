# SPDX-License-Identifier: Apache-2.0
"""What only a server can show: it goes away under load, comes late, refuses."""

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from nova_lite.base import concurrency, ids
from nova_lite.db.api.models import aggregates
from nova_lite.db.columns import insert_if_absent
from nova_lite.db.databases import Databases
from nova_lite.db.engine import Database
from nova_lite.domain.errors import DatabaseUnavailable
from tests.fixtures.databases import options
from tests.fixtures.wait import wait_for
from tests.integration.databases.conftest import Running


@pytest.mark.parametrize("how", ["restart", "kill"])
def test_a_server_that_goes_away_under_load(
    running: Running, databases: Databases, how: str
) -> None:
    """Writers and readers go on by themselves, nothing is lost, nothing is written twice."""
    pool = concurrency.Pool(12)
    written: list[str] = []
    stop = concurrency.Event()

    def write(number: int) -> int:
        done = 0
        while not stop.is_set():
            name = f"{number}-{done}"
            row = {"uuid": ids.new_uuid(), "name": name}
            databases.run_api(
                lambda tx, row=row: insert_if_absent(tx, aggregates, row), idempotent=True
            )
            written.append(name)
            done += 1
        return done

    def read() -> int:
        done = 0
        while not stop.is_set():
            with databases.read_api() as tx:
                assert tx.scalar(sa.select(sa.func.count()).select_from(aggregates)) is not None
            done += 1
        return done

    tasks = [pool.submit(write, number) for number in range(6)]
    tasks += [pool.submit(read) for _ in range(4)]
    try:
        for _ in range(2):
            before = len(written)
            wait_for(lambda before=before: len(written) > before + 50, 60, "writers to write")
            if how == "kill":
                running.server.kill()
                running.server.start()
            else:
                running.server.restart()
        before = len(written)
        wait_for(lambda: len(written) > before + 50, 60, "writers to go on")
    finally:
        stop.set()
    assert all(task.wait(60) > 0 for task in tasks)
    pool.stop()
    with databases.read_api() as tx:
        found = [row.name for row in tx.execute(sa.select(aggregates.c.name))]
    assert sorted(found) == sorted(written)


def test_a_server_that_comes_late(running: Running, databases: Databases) -> None:
    """A daemon that starts before its database waits for it."""
    fresh = Databases(running.urls[0], options("API", max_retries=60), options("cell"))
    running.server.kill()
    task = concurrency.spawn(fresh.wait)
    try:
        assert not task.done
    finally:
        running.server.start()
    task.wait(60)
    fresh.close()


def test_wrong_password_and_missing_database(running: Running) -> None:
    """Refused by the server: that is said in its words."""
    url = make_url(running.urls[0])
    for wrong in (url.set(password="wrong"), url.set(database="no_such_database")):
        text = wrong.render_as_string(hide_password=False)
        database = Database(text, options("API", max_retries=0))
        with pytest.raises(DatabaseUnavailable):
            database.wait()
        with pytest.raises(DatabaseUnavailable), database.transaction():
            raise AssertionError("not reached")
