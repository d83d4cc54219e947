# SPDX-License-Identifier: Apache-2.0
import datetime as dt
import logging
from pathlib import Path

import pytest
import sqlalchemy as sa

from nova_lite.base import concurrency
from nova_lite.base.clock import ManualClock
from nova_lite.db import errors as db_errors
from nova_lite.db.api import cells
from nova_lite.db.api.models import aggregates, key_pairs, request_specs
from nova_lite.db.columns import insert_if_absent
from nova_lite.db.databases import Databases
from nova_lite.db.engine import Database, Options, Tx
from nova_lite.domain.errors import ConfigurationError, DatabaseUnavailable, NotFound
from tests.fixtures.databases import CELL1, options


def add(tx: Tx, name: str) -> None:
    tx.execute(aggregates.insert(), {"uuid": name, "name": name})


def names(databases: Databases) -> list[str]:
    with databases.read_api() as tx:
        rows = tx.execute(sa.select(aggregates.c.name).order_by(aggregates.c.id))
        return [row.name for row in rows]


# --- transactions ---------------------------------------------------------------------------


def test_commit_and_rollback(databases: Databases) -> None:
    with databases.api() as tx:
        add(tx, "a")
    with pytest.raises(KeyError), databases.api() as tx:
        add(tx, "b")
        raise KeyError
    assert names(databases) == ["a"]


def test_others_see_it_when_it_is_committed(databases: Databases) -> None:
    with databases.api() as tx:
        add(tx, "a")
        assert names(databases) == []
    assert names(databases) == ["a"]


def test_a_thread_that_is_killed_rolls_back(databases: Databases) -> None:
    with pytest.raises(GeneratorExit), databases.api() as tx:
        add(tx, "a")
        raise GeneratorExit
    assert names(databases) == []
    with databases.api() as tx:
        add(tx, "b")
    assert names(databases) == ["b"]


def test_duplicates(databases: Databases) -> None:
    with databases.api() as tx:
        add(tx, "a")
    with pytest.raises(db_errors.Duplicate), databases.api() as tx:
        add(tx, "a")
    with databases.api() as tx:
        values = {"uuid": "a", "name": "b"}
        assert not insert_if_absent(tx, aggregates, values)
        assert insert_if_absent(tx, aggregates, {"uuid": "c", "name": "c"})
    assert names(databases) == ["a", "c"]


def test_our_mistakes_stay_what_they_are(databases: Databases) -> None:
    with pytest.raises(sa.exc.DBAPIError), databases.api() as tx:
        tx.execute(sa.text("SELECT no_such_thing"))
    with pytest.raises(sa.exc.IntegrityError), databases.api() as tx:
        tx.execute(aggregates.insert(), {"uuid": "a", "name": None})


def test_run_repeats_what_lost_a_race(databases: Databases) -> None:
    tries = []

    def fails_twice(tx: Tx) -> str:
        add(tx, f"try{len(tries)}")
        tries.append(1)
        if len(tries) < 3:
            raise db_errors.unavailable("API", "deadlock", db_errors.Trouble.RACE)
        return "done"

    assert databases.run_api(fails_twice) == "done"
    assert names(databases) == ["try2"]


@pytest.mark.parametrize(("idempotent", "runs"), [(False, 1), (True, 3)])
def test_what_broke_in_commit_is_repeated_only_if_it_may(databases, idempotent, runs) -> None:
    tries = []

    def fails(tx: Tx) -> None:
        tries.append(1)
        if len(tries) < 3:
            lost = db_errors.Trouble.LOST
            raise db_errors.unavailable("API", "gone", lost, committing=True)

    if idempotent:
        databases.run_api(fails, idempotent=True)
    else:
        with pytest.raises(DatabaseUnavailable):
            databases.run_api(fails)
    assert len(tries) == runs


def test_run_gives_up(databases: Databases, manual_clock: ManualClock) -> None:
    tries = []

    def fails(tx: Tx) -> None:
        tries.append(1)
        raise db_errors.unavailable("API", "deadlock", db_errors.Trouble.RACE)

    with pytest.raises(DatabaseUnavailable):
        databases.run_api(fails)
    assert len(tries) == 21


def test_many_writers(databases: Databases) -> None:
    """Each adds one to a number that all share."""
    with databases.api() as tx:
        tx.execute(key_pairs.insert(), _key_pair("0"))

    def increment() -> None:
        def write(tx: Tx) -> None:
            row = tx.execute(sa.select(key_pairs.c.id, key_pairs.c.public_key)).one()
            same = key_pairs.update().where(
                key_pairs.c.id == row.id, key_pairs.c.public_key == row.public_key
            )
            changed = tx.execute(same.values(public_key=str(int(row.public_key) + 1)))
            if changed.rowcount != 1:
                raise db_errors.unavailable("API", "changed", db_errors.Trouble.RACE)

        for _ in range(10):
            databases.run_api(write)

    pool = concurrency.Pool(8)
    for task in [pool.submit(increment) for _ in range(8)]:
        task.wait(120)
    pool.stop()
    with databases.read_api() as tx:
        assert tx.scalar(sa.select(key_pairs.c.public_key)) == "80"


def _key_pair(text: str) -> dict[str, str]:
    return {"user_id": "u", "name": "n", "type": "ssh", "fingerprint": "", "public_key": text}


# --- values ---------------------------------------------------------------------------------


def test_times_are_aware_utc_with_microseconds(databases: Databases) -> None:
    east = dt.timezone(dt.timedelta(hours=2))
    moment = dt.datetime(2026, 3, 29, 3, 30, 0, 123456, tzinfo=east)
    with databases.api() as tx:
        row = {"instance_uuid": "u", "spec": "{}", "created_at": moment}
        tx.execute(request_specs.insert(), row)
        found = tx.scalar(sa.select(request_specs.c.created_at))
        assert found == moment
        assert found.tzinfo is dt.UTC
        with pytest.raises(sa.exc.StatementError):
            tx.execute(request_specs.update(), {"updated_at": dt.datetime(2026, 1, 1)})


def test_long_text_and_letters_of_all_kinds(databases: Databases) -> None:
    text = "\N{PILE OF POO}é" * 100_000
    with databases.api() as tx:
        tx.execute(key_pairs.insert(), _key_pair(text))
        for name in ("N", "ñ", "\N{PILE OF POO}"):
            tx.execute(key_pairs.insert(), {**_key_pair("x"), "name": name})
    with databases.read_api() as tx:
        where = key_pairs.c.name == "n"
        assert tx.scalar(sa.select(key_pairs.c.public_key).where(where)) == text


# --- cells ----------------------------------------------------------------------------------


def test_cells_are_found_by_uuid(databases: Databases) -> None:
    assert [cell.name for cell in databases.cells()] == ["cell0", "cell1"]
    assert [cell.name for cell in databases.compute_cells()] == ["cell1"]
    with databases.read_cell(CELL1) as tx:
        assert tx.scalar(sa.text("SELECT count(*) FROM services")) == 0
    with pytest.raises(NotFound):
        databases.cell_database("no such")
    with databases.api() as tx:
        cells.update_cell(tx, CELL1, name="renamed")
    databases.cells(fresh=True)
    assert databases.get_cell(CELL1).name == "renamed"


def test_passwords_are_not_shown(databases: Databases) -> None:
    database = Database("mysql+pymysql://nova:geheim@h/x", options("API"))
    assert "geheim" not in database.shown
    assert "h/x" in database.shown
    cell = databases.get_cell(CELL1)
    assert "sqlite" not in repr(cell)


# --- configuration --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "is not set"),
        ("nonsense", "is not a database URL"),
        ("oracle://x/y", "is not supported"),
        ("mysql+mysqldb://x/y", "is not supported"),
        ("sqlite://", "needs a file"),
    ],
)
def test_wrong_urls_name_the_option(url: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Database(url, options("API"))
    assert caught.value.message.startswith("Option [api_database] connection: ")
    assert words in caught.value.message


def test_waiting_says_what_for_and_ends(
    caplog: pytest.LogCaptureFixture, manual_clock: ManualClock
) -> None:
    database = Database("mysql+pymysql://nova:geheim@127.0.0.1:1/x", options("API"))
    with caplog.at_level(logging.WARNING), pytest.raises(DatabaseUnavailable) as caught:
        database.wait()
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 3
    assert "[api_database] connection" in lines[0]
    assert "127.0.0.1:1" in lines[0]
    assert "geheim" not in str(lines) + caught.value.message
    assert "[api_database] connection" in caught.value.message
    assert all("\n" not in line for line in lines)


def test_options_come_from_the_configuration() -> None:
    group = {
        "max_pool_size": 7,
        "max_overflow": 1,
        "pool_timeout": 2,
        "connection_recycle_time": 3,
        "max_retries": 4,
        "retry_interval": 5,
        "db_max_retries": 6,
        "mysql_sql_mode": "ANSI",
        "connection_debug": 0,
    }
    made = Options.from_group(group, name="n", option="o", max_retries=0)
    assert (made.max_pool_size, made.max_retries, made.mysql_sql_mode) == (7, 0, "ANSI")


# --- SQLite alone ---------------------------------------------------------------------------


def test_a_transaction_inside_another_is_told(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.db", options("API"))
    with (
        pytest.raises(RuntimeError, match="inside another one"),
        database.transaction(),
        database.transaction(),
    ):
        raise AssertionError("not reached")
    with database.transaction() as tx:
        tx.execute(sa.text("CREATE TABLE t (x INTEGER)"))


def test_sqlite_waits_for_other_processes(tmp_path: Path) -> None:
    """Two engines on one file are like two processes: they do not share the lock in memory."""
    one, two = (Database(f"sqlite:///{tmp_path}/x.db", options("API")) for _ in range(2))
    with one.transaction() as tx:
        tx.execute(sa.text("CREATE TABLE t (x INTEGER)"))
    pool = concurrency.Pool(2)

    def fill(database: Database) -> None:
        for _ in range(20):
            with database.transaction() as tx:
                tx.execute(sa.text("INSERT INTO t VALUES (1)"))

    for task in [pool.submit(fill, database) for database in (one, two)]:
        task.wait(60)
    pool.stop()
    with one.reader() as reader:
        assert reader.scalar(sa.text("SELECT count(*) FROM t")) == 40
        assert reader.scalar(sa.text("PRAGMA journal_mode")) == "wal"
        assert reader.scalar(sa.text("PRAGMA foreign_keys")) == 1
