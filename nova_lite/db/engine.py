# SPDX-License-Identifier: Apache-2.0
"""One database: its engine, transactions, readers, retries, reconnecting.

Every connection is in the driver's autocommit mode, on all three databases, and BEGIN and COMMIT
are said here. So a reader costs one round trip a statement, and no pre-ping is needed: BEGIN is
the first thing on a connection taken from the pool, and if the connection turns out to be dead
it is replaced and BEGIN is said again; a reader's statement is repeated on a new connection.
A transaction whose connection breaks half-way raises DatabaseUnavailable; `run` runs it again,
so what is given to it may run twice.

Plain SQLAlchemy Core: oslo.db's enginefacade costs 11 MiB more in each conductor, and a ping with
each checkout, for what is needed here.
"""

import logging
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Final, TypeAlias, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.engine import URL, Connection, CursorResult, make_url

from nova_lite.base import clock, concurrency
from nova_lite.db import errors
from nova_lite.domain.errors import ConfigurationError, DatabaseUnavailable

LOG = logging.getLogger(__name__)
T = TypeVar("T")
Rows: TypeAlias = "CursorResult[*tuple[Any, ...]]"

RECONNECT_FOR: Final = 30.0  # seconds that a transaction waits for a lost database
FIRST_DELAY: Final = 0.05
LONGEST_DELAY: Final = 2.0
# Seconds to wait for one of the `max_pool_size` connections before opening another one, which
# takes as much work as several transactions and is closed after use.
OVERFLOW_AFTER: Final = 0.5
SQLITE_PATIENCE: Final = 30.0  # seconds to wait for the other writers of a file
DRIVERS: Final = {
    "sqlite": "pysqlite",
    "mysql": "pymysql",
    "mariadb": "pymysql",
    "postgresql": "psycopg2",
}


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """Times in seconds. `name` is how people call the database, `option` where its URL is from."""

    name: str
    option: str
    max_pool_size: int = 5
    max_overflow: int = 50
    pool_timeout: int = 30
    connection_recycle_time: int = 3600
    max_retries: int = 10
    retry_interval: int = 10
    db_max_retries: int = 20
    mysql_sql_mode: str = "TRADITIONAL"
    connection_debug: int = 0

    @classmethod
    def from_group(cls, group: Any, *, name: str, option: str, **other: int) -> "Options":
        """From an oslo.config group, but for what `other` says."""
        own = [field for field in cls.__struct_fields__ if field not in ("name", "option")]
        values = {field: group[field] for field in own}
        return cls(name=name, option=option, **{**values, **other})


class Tx:
    """An open transaction. `dialect` is sqlite, mysql or postgresql.

    Errors: those of db/errors.py; others are SQLAlchemy's own."""

    __slots__ = ("connection", "dialect", "_name")

    def __init__(self, connection: Connection, dialect: str, name: str) -> None:
        self.connection = connection
        self.dialect = dialect
        self._name = name

    def execute(self, statement: sa.Executable, parameters: Any = None) -> Rows:
        """`parameters`: a mapping, or a list of them for many rows."""
        try:
            return self.connection.execute(statement, parameters)
        except exc.SQLAlchemyError as error:
            raise errors.translate(error, self._name) from error

    def scalar(self, statement: sa.Executable, parameters: Any = None) -> Any:
        """The first column of the first row, None without rows."""
        return self.execute(statement, parameters).scalar()


class Reader(Tx):
    """Statements without a transaction. One that meets a dead connection is repeated."""

    __slots__ = ()

    def execute(self, statement: sa.Executable, parameters: Any = None) -> Rows:
        patience = _Patience()
        while True:
            try:
                return self.connection.execute(statement, parameters)
            except exc.SQLAlchemyError as error:
                made = errors.translate(error, self._name)
                if not patience.wait(made):
                    raise made from error
            # An invalidated Connection takes a new one from the pool once this is said.
            self.connection.rollback()


class _Patience:
    """Growing, jittered pauses, until the time is over."""

    def __init__(self) -> None:
        self._until = clock.monotonic() + RECONNECT_FOR
        self._delay = FIRST_DELAY

    def wait(self, error: BaseException) -> bool:
        """Pause; False at once when the time is over or waiting would not help."""
        if not errors.may_retry(error) or clock.monotonic() >= self._until:
            return False
        if errors.is_busy(error):
            clock.sleep(random.uniform(0.5, 1.0) * FIRST_DELAY)
            return True
        clock.sleep(random.uniform(0.5, 1.0) * self._delay)
        self._delay = min(self._delay * 2, LONGEST_DELAY)
        return True


class _FileLock:
    """The writers of this process to one SQLite file, one after the other.

    SQLite would let them wait inside its C code, which on green threads would stop the very
    thread that has to finish."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = concurrency.Lock()
        self._owner: int | None = None

    def __enter__(self) -> None:
        me = threading.get_ident()
        if self._owner == me:
            raise RuntimeError(f"a transaction of the {self._name} database inside another one")
        if not self._lock.acquire(timeout=SQLITE_PATIENCE):
            raise errors.unavailable(self._name, "other writers are slow", errors.Trouble.BUSY)
        self._owner = me

    def __exit__(self, *_error: object) -> None:
        self._owner = None
        self._lock.release()


class Database:
    """One database. Nothing connects before it is used."""

    def __init__(self, url: str, options: Options) -> None:
        self.options = options
        self.url = checked_url(url, options.option)
        self.dialect = self.url.get_backend_name().replace("mariadb", "mysql")
        self.engine = _make_engine(self.url, self.dialect, options)
        self._begin_words = "BEGIN IMMEDIATE" if self.dialect == "sqlite" else "BEGIN"
        self._writers = _FileLock(options.name) if self.dialect == "sqlite" else None
        self._places = concurrency.Semaphore(options.max_pool_size)

    @property
    def shown(self) -> str:
        """The URL without its password."""
        return self.url.render_as_string(hide_password=True)

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        """COMMIT at the end of the block, ROLLBACK when an exception leaves it."""
        with self._writers or nullcontext(), self._place():
            connection = self._connect(self._begin_words)
            try:
                yield Tx(connection, self.dialect, self.options.name)
                self._commit(connection)
            except BaseException as error:
                _undo(connection, keep=isinstance(error, Exception))
                raise
            finally:
                connection.close()

    @contextmanager
    def _place(self) -> Iterator[None]:
        """One of the connections that are kept; after a while just go on without."""
        has = self._places.acquire(timeout=OVERFLOW_AFTER)
        try:
            yield
        finally:
            if has:
                self._places.release()

    def _connect(self, words: str | None = None) -> Connection:
        """A connection, on which `words` were said; waits for a database that is away."""
        patience = _Patience()
        told = False
        while True:
            connection = None
            try:
                connection = self.engine.connect()
                if words is not None:
                    connection.exec_driver_sql(words)
                return connection
            except exc.SQLAlchemyError as error:
                if connection is not None:
                    connection.close()
                made = errors.translate(error, self.options.name)
                if not patience.wait(made):
                    raise made from error
                if not told:
                    LOG.warning("%s: %s; trying again", self.options.name, made)
                    told = True

    def _commit(self, connection: Connection) -> None:
        try:
            connection.exec_driver_sql("COMMIT")
        except exc.SQLAlchemyError as error:
            raise errors.translate(error, self.options.name, committing=True) from error

    @contextmanager
    def reader(self) -> Iterator[Reader]:
        """Only to read: nothing said here is part of a transaction."""
        with self._place():
            connection = self._connect()
            try:
                yield Reader(connection, self.dialect, self.options.name)
            except Exception:
                raise
            except BaseException:
                # Killed in the middle of a statement: its answer may still be on the wire.
                connection.invalidate()
                raise
            finally:
                connection.close()

    def statement(self) -> AbstractContextManager[Tx]:
        """For one write that stands alone, without the round trips of BEGIN and COMMIT.

        It is repeated when the connection was dead, so it may take effect twice."""
        return self.transaction() if self._writers else self.reader()

    def run(self, fn: Callable[[Tx], T], *, idempotent: bool = False) -> T:
        """fn(tx) in a transaction, and again when it lost a race or its connection.

        fn may run several times, so it does nothing but talk to tx. `idempotent` = also when
        the connection broke during COMMIT and the first run may have succeeded."""
        for attempt in range(self.options.db_max_retries + 1):
            try:
                with self.transaction() as tx:
                    return fn(tx)
            except DatabaseUnavailable as error:
                last = attempt == self.options.db_max_retries
                if last or not errors.may_retry(error, idempotent=idempotent):
                    raise
                LOG.debug("%s: %s; running the transaction again", self.options.name, error)
            clock.sleep(min(0.005 * 2**attempt, 0.5) * random.uniform(0.3, 1.0))
        raise AssertionError("the loop returns or raises")

    def wait(self) -> None:
        """Until the database answers: `max_retries` tries, `retry_interval` seconds apart at
        most. Raises DatabaseUnavailable."""
        tries, delay = 0, 1.0
        while True:
            try:
                with self.engine.connect() as connection:
                    connection.exec_driver_sql("SELECT 1")
                return
            except exc.DBAPIError as error:
                reason = errors.in_one_line(error)
                if errors.trouble(error) is errors.Trouble.OTHER:
                    raise
            tries += 1
            if 0 <= self.options.max_retries < tries:
                where = f"{reason} ({self.options.option})"
                raise errors.unavailable(self.options.name, where, errors.Trouble.LOST)
            delay = min(delay, self.options.retry_interval)
            LOG.warning(
                "%s: %s does not answer (%s); trying again in %g s",
                *(self.options.option, self.shown, reason, delay),
            )
            clock.sleep(delay)
            delay *= 2

    def close(self) -> None:
        """Drop the connections; it can be used again."""
        self.engine.dispose()


def _undo(connection: Connection, *, keep: bool) -> None:
    """ROLLBACK; a connection that cannot say it, or whose thread was killed, is thrown away."""
    if connection.invalidated:
        return
    if not keep:
        connection.invalidate()
        return
    try:
        connection.exec_driver_sql("ROLLBACK")
    except exc.SQLAlchemyError as error:
        if not connection.invalidated:
            connection.invalidate(error)


# --- making an engine -----------------------------------------------------------------------


def checked_url(text: str, option: str) -> URL:
    """The URL with the driver that we use; ConfigurationError names the option."""
    if not text:
        raise ConfigurationError(option=option, reason="is not set")
    try:
        url = make_url(text)
    except exc.ArgumentError:
        raise ConfigurationError(option=option, reason="is not a database URL") from None
    kind, _, driver = url.drivername.partition("+")
    if kind not in DRIVERS or (driver and driver != DRIVERS[kind]):
        known = ", ".join(f"{name}+{driver}" for name, driver in DRIVERS.items())
        raise ConfigurationError(
            option=option, reason=f"{url.drivername} is not supported; there are {known}"
        )
    if kind == "sqlite" and (not url.database or url.database == ":memory:"):
        raise ConfigurationError(option=option, reason="SQLite needs a file")
    return url.set(drivername=f"{kind}+{DRIVERS[kind]}")


_CONNECT: Final[dict[str, dict[str, Any]]] = {
    "sqlite": {"check_same_thread": False, "timeout": 0.1},
    "mysql": {"connect_timeout": 10},
    "postgresql": {
        "connect_timeout": 10,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
    },
}


def _make_engine(url: URL, dialect: str, options: Options) -> sa.Engine:
    arguments = {k: v for k, v in _CONNECT[dialect].items() if k not in url.query}
    if dialect == "mysql" and not any(key.startswith("ssl") for key in url.query):
        # TLS where the URL asks for it. The driver's own default is to try it always, and to
        # read all certificates of the system for each connection: 24 ms.
        arguments["ssl_disabled"] = True
    if dialect == "postgresql":
        concurrency.patch_psycopg2()
    try:
        engine = sa.create_engine(
            url,
            connect_args=arguments,
            isolation_level="AUTOCOMMIT",
            skip_autocommit_rollback=True,
            pool_size=options.max_pool_size,
            max_overflow=options.max_overflow,
            pool_timeout=options.pool_timeout,
            pool_recycle=options.connection_recycle_time,
            pool_use_lifo=True,
            pool_reset_on_return=None,
            echo="debug" if options.connection_debug >= 100 else options.connection_debug >= 50,
        )
    except ImportError as error:
        raise ConfigurationError(
            option=options.option, reason=f"needs a driver that is not installed ({error})"
        ) from error
    _prepare_connections(engine, dialect, options)
    return engine


def _prepare_connections(engine: sa.Engine, dialect: str, options: Options) -> None:
    """What is said once on each new connection."""
    said = {
        "sqlite": [
            "PRAGMA foreign_keys = ON",
            "PRAGMA journal_mode = WAL",
            "PRAGMA synchronous = NORMAL",
        ],
        "mysql": [
            # Gap locks of the default level make deadlocks between unrelated rows.
            "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
            # The generation of hosts is the server's clock; it must not jump with summer time.
            "SET SESSION time_zone = '+00:00'",
            f"SET SESSION sql_mode = '{options.mysql_sql_mode}'",
        ],
        "postgresql": [],
    }[dialect]

    def prepare(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for words in said:
            cursor.execute(words)
        cursor.close()

    event.listen(engine, "connect", prepare)
