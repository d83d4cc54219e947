# SPDX-License-Identifier: Apache-2.0
"""Tokens of consoles."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0002_0001_console_tokens"
down_revision = "0001_initial"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql")
TEXT = sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql")
NAME = sa.String(length=255).with_variant(
    mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=255), "mysql"
)


def upgrade() -> None:
    op.create_table(
        "console_auth_tokens",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("instance_uuid", sa.String(length=36), nullable=False),
        sa.Column("console_type", sa.String(length=32), nullable=False),
        sa.Column("host", NAME, nullable=False),
        sa.Column("address", TEXT, nullable=False),
        sa.Column("access_url_base", TEXT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_console_auth_tokens")),
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
        mysql_row_format="DYNAMIC",
    )
    for column in ("expires_at", "instance_uuid"):
        op.create_index(
            op.f(f"ix_console_auth_tokens_{column}"), "console_auth_tokens", [column], unique=False
        )
