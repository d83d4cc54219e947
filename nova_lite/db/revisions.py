# SPDX-License-Identifier: Apache-2.0
"""Schema revisions: what `nova-lite-manage db sync` and `api_db sync` run. Imports alembic."""

import importlib.resources
from typing import Any, Final, Literal

import sqlalchemy as sa
from alembic import command, context, script
from alembic.config import Config
from sqlalchemy import exc

from nova_lite.db import errors, schema
from nova_lite.db.columns import Moment
from nova_lite.db.engine import Database, checked_url
from nova_lite.domain.errors import Invalid, SchemaVersionMismatch


def config(tree: schema.Tree) -> Config:
    """alembic's configuration of a tree, without a database."""
    made = Config()
    folder = importlib.resources.files(tree.package) / "alembic"
    made.set_main_option("script_location", str(folder).replace("%", "%%"))
    return made


def heads(tree: schema.Tree) -> list[str]:
    """The newest revisions in the files; one, if nobody made a mistake."""
    return list(script.ScriptDirectory.from_config(config(tree)).get_heads())


def order(tree: schema.Tree) -> list[str]:
    """The revisions in the files, oldest first."""
    known = script.ScriptDirectory.from_config(config(tree))
    return [item.revision for item in known.walk_revisions()][::-1]


def sync(database: Database, tree: schema.Tree, revision: str | None = None) -> str | None:
    """Bring a database to a revision, the newest by default; returns the one before.

    Raises Invalid for an unknown revision or one of the past, SchemaVersionMismatch when the
    database is at a revision that this release does not know, DatabaseUnavailable."""
    database.wait()
    before = schema.version(database)
    known = order(tree)
    if before is not None and before not in known:
        raise SchemaVersionMismatch(which=tree.name, found=before, wanted=tree.head)
    wanted = revision or known[-1]
    if wanted not in known:
        raise Invalid(f"There is no revision {wanted} of the {tree.name} database")
    if before is not None and known.index(wanted) < known.index(before):
        raise Invalid(f"The {tree.name} database is at {before} already: there is no way back")
    made = config(tree)
    # A plain engine: alembic does its own transactions.
    engine = sa.create_engine(database.url, poolclass=sa.NullPool)
    try:
        with engine.connect() as connection:
            made.attributes["connection"] = connection
            command.upgrade(made, wanted)
    except exc.DBAPIError as error:
        raise errors.translate(error, database.options.name) from error
    finally:
        engine.dispose()
    return before


# --- called by alembic/env.py of both trees -------------------------------------------------


def run_environment(metadata: sa.MetaData) -> None:
    """With the connection that `sync` gives, else with the one of `alembic -x url=...`."""
    connection = context.config.attributes.get("connection")
    if connection is not None:
        _migrate(connection, metadata)
        return
    url = context.get_x_argument(as_dictionary=True).get("url", "")
    engine = sa.create_engine(checked_url(url, "-x url"), poolclass=sa.NullPool)
    with engine.connect() as connection:
        _migrate(connection, metadata)


def _migrate(connection: sa.Connection, metadata: sa.MetaData) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        version_table=schema.VERSION_TABLE,
        compare_type=True,
        render_item=_render,
        render_as_batch=False,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def _render(kind: str, item: Any, autogenerate: Any) -> str | Literal[False]:
    """Revisions must not change when our types do: they are written as what they are."""
    if kind == "type" and isinstance(item, Moment):
        autogenerate.imports.add("from sqlalchemy.dialects import mysql")
        return "sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql')"
    if kind == "server_default":
        # Spelled as the database of the moment would: 0 is no boolean on PostgreSQL.
        return _TRUTH.get(str(getattr(item, "arg", "")), False)
    return False


_TRUTH: Final[dict[str, str]] = {"true": "sa.true()", "false": "sa.false()"}
