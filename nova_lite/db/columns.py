# SPDX-License-Identifier: Apache-2.0
"""Column types that behave alike on the three databases, and what they spell differently."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.types import TypeDecorator

from nova_lite.db.engine import Tx

UUID_LENGTH: Final = 36


class Moment(TypeDecorator[dt.datetime]):
    """Aware UTC in the code, naive UTC with microseconds in the column."""

    impl = sa.DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        if dialect.name == "mysql":
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        return dialect.type_descriptor(sa.DateTime())

    def process_bind_param(self, value: dt.datetime | None, dialect: sa.Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone: {value!r}")
        return value.astimezone(dt.UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> dt.datetime | None:
        return None if value is None else value.replace(tzinfo=dt.UTC)


def LongText() -> sa.types.TypeEngine[str]:  # noqa: N802 - named like a type
    """Text without a practical limit; MySQL's TEXT ends at 64 KiB."""
    return sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql")


def Name(length: int = 255) -> sa.types.TypeEngine[str]:  # noqa: N802
    """Text that is equal only when every letter and accent is the same, on MySQL too.

    Spaces at the end make no difference there; the REST API takes none."""
    binary = mysql.VARCHAR(length, charset="utf8mb4", collation="utf8mb4_bin")
    return sa.String(length).with_variant(binary, "mysql")


def insert_if_absent(tx: Tx, table: sa.Table, values: Mapping[str, Any]) -> bool:
    """INSERT unless a unique key says that the row is there; True if it was inserted."""
    statement: Any
    if tx.dialect == "mysql":
        statement = mysql.insert(table).prefix_with("IGNORE")
    elif tx.dialect == "postgresql":
        statement = postgresql.insert(table).on_conflict_do_nothing()
    else:
        statement = sqlite.insert(table).on_conflict_do_nothing()
    return tx.execute(statement, dict(values)).rowcount == 1


_MICROSECONDS: Final = {
    "sqlite": "CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000",
    "mysql": "CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED)",
    "postgresql": "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)",
}


def server_microseconds(dialect: str) -> sa.TextClause:
    """The clock of the database server at this moment: microseconds since 1970."""
    return sa.text(_MICROSECONDS[dialect])
