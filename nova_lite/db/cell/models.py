# SPDX-License-Identifier: Apache-2.0
"""The tables of a cell's database. A new column: here and in a new revision under alembic/.

Soft-deleted rows: `deleted` is 0, or the row's id once it is deleted, so that unique keys can
contain it; `deleted_at` is when. `archived` tables have a shadow_ twin that
`nova-lite-manage db archive_deleted_rows` moves such rows to.
"""

from typing import Any, Final

import sqlalchemy as sa

from nova_lite.db.columns import UUID_LENGTH, LongText, Moment, Name

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = sa.MetaData(naming_convention=NAMING)

MYSQL: Final[dict[str, Any]] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_row_format": "DYNAMIC",
}


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, primary_key=True, autoincrement=True)


def _uuid(name: str = "uuid", **more: Any) -> sa.Column[str]:
    return sa.Column(name, sa.String(UUID_LENGTH), nullable=False, **more)


def _times() -> tuple[sa.Column[Any], sa.Column[Any]]:
    return sa.Column("created_at", Moment()), sa.Column("updated_at", Moment())


def _soft() -> tuple[sa.Column[Any], sa.Column[Any]]:
    return (
        sa.Column("deleted_at", Moment()),
        sa.Column("deleted", sa.Integer, nullable=False, server_default="0"),
    )


# --- hosts ----------------------------------------------------------------------------------

services = sa.Table(
    "services",
    metadata,
    _id(),
    _uuid(unique=True),
    sa.Column("host", Name(), nullable=False),
    sa.Column("binary", Name(), nullable=False),
    sa.Column("topic", Name(), nullable=False),
    sa.Column("report_count", sa.Integer, nullable=False, server_default="0"),
    sa.Column("disabled", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("disabled_reason", sa.String(255)),
    sa.Column("forced_down", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("last_seen_up", Moment()),
    sa.Column("version", sa.Integer, nullable=False, server_default="0"),
    sa.Column("wire_level", sa.Integer, nullable=False, server_default="1"),
    *_times(),
    *_soft(),
    sa.UniqueConstraint("host", "binary", "deleted"),
    **MYSQL,
)

compute_nodes = sa.Table(
    "compute_nodes",
    metadata,
    _id(),
    _uuid(unique=True),
    sa.Column("host", Name(), nullable=False),
    sa.Column("hypervisor_hostname", Name(), nullable=False),
    # The last report (NodeReport as JSON), and digests of it and of what schedulers see of it.
    sa.Column("report", LongText(), nullable=False),
    sa.Column("digest", sa.String(32), nullable=False),
    sa.Column("facts_digest", sa.String(32), nullable=False),
    *_times(),
    *_soft(),
    sa.UniqueConstraint("host", "hypervisor_hostname", "deleted"),
    **MYSQL,
)

# --- servers: see the modules of the same names ---------------------------------------------
