# SPDX-License-Identifier: Apache-2.0
"""What the tables of both databases are made with: how constraints are named, MySQL's options,
and the columns that stand in many of them."""

from typing import Any, Final

import sqlalchemy as sa

from nova_lite.db.columns import UUID_LENGTH, Moment

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

MYSQL: Final[dict[str, Any]] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_row_format": "DYNAMIC",
}


def id_column() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, primary_key=True, autoincrement=True)


def uuid_column(name: str = "uuid", **more: Any) -> sa.Column[str]:
    return sa.Column(name, sa.String(UUID_LENGTH), nullable=False, **more)


def time_columns() -> tuple[sa.Column[Any], sa.Column[Any]]:
    return sa.Column("created_at", Moment()), sa.Column("updated_at", Moment())
