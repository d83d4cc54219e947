# SPDX-License-Identifier: Apache-2.0
"""What the three databases say when something goes wrong, in our words.

`Duplicate`: a unique key is taken; repositories turn it into their noun's error.
`DatabaseUnavailable` (domain): the connection or a race was lost. One made by `translate` knows
whether the transaction may be run again (`may_retry`).
Anything else is a mistake of ours and stays what SQLAlchemy raised.
"""

import enum
from typing import Any

from sqlalchemy import exc

from nova_lite.domain.errors import DatabaseUnavailable


class Duplicate(Exception):
    """A row with this key is there already. The transaction has to be rolled back."""


class Trouble(enum.Enum):
    DUPLICATE = "duplicate"
    RACE = "race"  # deadlock, serialisation failure, lock wait timeout: run again
    BUSY = "busy"  # SQLite: another process writes
    LOST = "lost"  # no connection, or it broke
    REFUSED = "refused"  # the server answers, but does not let us in
    OTHER = "other"


_MYSQL = {
    1062: Trouble.DUPLICATE,
    1020: Trouble.RACE,
    1205: Trouble.RACE,
    1213: Trouble.RACE,
    3572: Trouble.RACE,
    1044: Trouble.REFUSED,
    1045: Trouble.REFUSED,
    1049: Trouble.REFUSED,
    1698: Trouble.REFUSED,
    1040: Trouble.LOST,
    1053: Trouble.LOST,
    1203: Trouble.LOST,
    1927: Trouble.LOST,
    2002: Trouble.LOST,
    2003: Trouble.LOST,
    2006: Trouble.LOST,
    2013: Trouble.LOST,
    2055: Trouble.LOST,
    4031: Trouble.LOST,
}
_POSTGRESQL = {
    "23505": Trouble.DUPLICATE,
    "40001": Trouble.RACE,
    "40P01": Trouble.RACE,
    "55P03": Trouble.RACE,
    "28000": Trouble.REFUSED,
    "28P01": Trouble.REFUSED,
    "3D000": Trouble.REFUSED,
    "53300": Trouble.LOST,
    "57P01": Trouble.LOST,
    "57P02": Trouble.LOST,
    "57P03": Trouble.LOST,
}
# psycopg2 gives no code when a connection could not be made, only words.
_POSTGRESQL_REFUSALS = ("authentication failed", "does not exist", "no pg_hba.conf entry")
_SQLITE = {
    5: Trouble.BUSY,  # SQLITE_BUSY
    6: Trouble.BUSY,  # SQLITE_LOCKED
    14: Trouble.REFUSED,  # SQLITE_CANTOPEN
}
_SQLITE_UNIQUE = frozenset({1555, 2067, 2579})


def trouble(error: exc.DBAPIError) -> Trouble:
    """Which kind of trouble a driver's error is."""
    if error.connection_invalidated:
        return Trouble.LOST
    cause: Any = error.orig
    driver = type(cause).__module__.partition(".")[0]
    if driver == "pymysql":
        return _mysql(cause)
    if driver == "psycopg2":
        return _postgresql(cause)
    if driver == "sqlite3":
        return _sqlite(cause)
    return Trouble.OTHER


def _mysql(cause: Any) -> Trouble:
    number = cause.args[0] if cause.args else None
    return _MYSQL.get(number, Trouble.OTHER) if isinstance(number, int) else Trouble.OTHER


def _postgresql(cause: Any) -> Trouble:
    state = cause.pgcode
    if state:
        return _POSTGRESQL.get(state, Trouble.LOST if state[:2] == "08" else Trouble.OTHER)
    if type(cause).__name__ == "OperationalError":
        words = str(cause)
        refused = any(part in words for part in _POSTGRESQL_REFUSALS)
        return Trouble.REFUSED if refused else Trouble.LOST
    return Trouble.OTHER


def _sqlite(cause: Any) -> Trouble:
    number = getattr(cause, "sqlite_errorcode", None)
    if number is None:
        return Trouble.OTHER
    if number in _SQLITE_UNIQUE:
        return Trouble.DUPLICATE
    return _SQLITE.get(number & 0xFF, Trouble.OTHER)


def in_one_line(error: BaseException) -> str:
    """The driver's own words, without SQL, parameters and line breaks."""
    cause = getattr(error, "orig", None) or error
    if len(cause.args) > 1 and isinstance(cause.args[0], int):
        return " ".join(str(cause.args[1]).split())
    return " ".join(str(cause).split())


def translate(error: exc.SQLAlchemyError, database: str, *, committing: bool = False) -> Exception:
    """What to raise instead: Duplicate, DatabaseUnavailable, or the error itself.

    `committing`: it was COMMIT that failed, so it is not known what the server did."""
    if isinstance(error, exc.TimeoutError):
        return unavailable(database, "all connections of the pool are in use", Trouble.BUSY)
    if not isinstance(error, exc.DBAPIError):
        return error
    kind = trouble(error)
    if kind is Trouble.DUPLICATE:
        return Duplicate(in_one_line(error))
    if kind is Trouble.OTHER:
        return error
    return unavailable(database, in_one_line(error), kind, committing=committing)


def unavailable(
    database: str, reason: str, kind: Trouble, *, committing: bool = False
) -> DatabaseUnavailable:
    """A DatabaseUnavailable that remembers, in this process, how it came about."""
    made = DatabaseUnavailable(service="database", database=database, reason=reason)
    made.__dict__["_trouble"] = kind
    made.__dict__["_committing"] = committing
    return made


def may_retry(error: BaseException, *, idempotent: bool = False) -> bool:
    """True when the transaction that raised this had no effect and may go well next time.

    A connection that broke during COMMIT leaves the effect unknown: only `idempotent`
    transactions may be run again then."""
    kind = getattr(error, "_trouble", None)
    if kind is Trouble.LOST:
        return idempotent or not getattr(error, "_committing", False)
    return kind in (Trouble.RACE, Trouble.BUSY)


def is_busy(error: BaseException) -> bool:
    """True when another one has the lock or the connection and will soon be done."""
    return getattr(error, "_trouble", None) is Trouble.BUSY
