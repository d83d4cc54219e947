# SPDX-License-Identifier: Apache-2.0
"""Which revision a database has and which one this release needs.

The daemons only compare two words; alembic (37 MiB) is imported by `nova-lite-manage` alone.

A revision is named `NNNN_what`, or `NNNN_MMMM_what`: its number, and the number of the oldest
revision whose code can work on it. So a daemon of the release before starts on a database that
is synchronised already, and a release can be taken back without its schema.
"""

import logging
import re
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import exc

from nova_lite.db import errors
from nova_lite.db.engine import Database
from nova_lite.domain.errors import SchemaVersionMismatch


class Tree(msgspec.Struct, frozen=True, kw_only=True):
    """An alembic tree. `head` must be its newest revision; a test compares them."""

    name: str
    package: str
    head: str
    command: str


API: Final = Tree(
    name="API",
    package="nova_lite.db.api",
    head="0003_0001_physical_networks",
    command="nova-lite-manage api_db sync",
)
CELL: Final = Tree(
    name="cell",
    package="nova_lite.db.cell",
    head="0002_0001_console_tokens",
    command="nova-lite-manage db sync",
)

LOG = logging.getLogger(__name__)
VERSION_TABLE: Final = "alembic_version"


def version(database: Database) -> str | None:
    """The revision of a database; None when it has never been synchronised."""
    with database.engine.connect() as connection:
        if not sa.inspect(connection).has_table(VERSION_TABLE):
            return None
        words = sa.text(f"SELECT version_num FROM {VERSION_TABLE}")  # noqa: S608 - a constant
        try:
            return connection.execute(words).scalar()
        except exc.SQLAlchemyError as error:
            raise errors.translate(error, database.options.name) from error


_NUMBERS: Final = re.compile(r"(\d{4})_(?:(\d{4})_)?")


def works_on(head: str, found: str | None) -> bool:
    """Can the code whose newest revision is `head` work on a database at `found`?"""
    if found == head:
        return True
    ours, theirs = _NUMBERS.match(head), _NUMBERS.match(found or "")
    if ours is None or theirs is None or theirs[1] <= ours[1]:
        return False
    return (theirs[2] or theirs[1]) <= ours[1]


def check(database: Database, tree: Tree) -> None:
    """Raises SchemaVersionMismatch unless this release can work on the database."""
    found = version(database)
    if not works_on(tree.head, found):
        raise SchemaVersionMismatch(
            f"The {tree.name} database {database.shown} is at revision {found or 'none'}, this "
            f"release needs {tree.head}; run {tree.command}",
            which=tree.name,
            found=found,
            wanted=tree.head,
        )
    if found != tree.head:
        LOG.info("The %s database is at revision %s, of a later release", tree.name, found)
