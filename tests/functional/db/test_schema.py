# SPDX-License-Identifier: Apache-2.0
"""The revisions make exactly the tables that the code has."""

from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from nova_lite.db import revisions, schema
from nova_lite.db.api.models import metadata as api_metadata
from nova_lite.db.cell.models import ARCHIVED, SHADOWS
from nova_lite.db.cell.models import metadata as cell_metadata
from nova_lite.db.engine import Database
from nova_lite.domain.errors import Invalid, SchemaVersionMismatch

TREES = [
    pytest.param(schema.API, api_metadata, id="api"),
    pytest.param(schema.CELL, cell_metadata, id="cell"),
]


def _plain(default: str | None) -> str | None:
    """'0', 0 and false are one default, spelled by different databases."""
    if default is None or default.startswith("nextval("):
        return None
    word = default.split("::")[0].strip("()'")
    return {"false": "0", "true": "1"}.get(word, word)


def _defaults_differ(
    _context: Any, _seen: Any, _ours: Any, seen: str | None, _default: Any, ours: str | None
) -> bool:
    return _plain(seen) != _plain(ours)


def differences(database: Database, metadata: sa.MetaData) -> list[Any]:
    compare = {"compare_type": True, "compare_server_default": _defaults_differ}
    with database.engine.connect() as connection:
        return compare_metadata(MigrationContext.configure(connection, opts=compare), metadata)


@pytest.mark.parametrize(("tree", "metadata"), TREES)
def test_revisions_make_the_tables_of_the_code(
    empty_database: Database, tree: schema.Tree, metadata: sa.MetaData
) -> None:
    assert revisions.sync(empty_database, tree) is None
    assert schema.version(empty_database) == tree.head
    schema.check(empty_database, tree)
    assert differences(empty_database, metadata) == []
    assert revisions.sync(empty_database, tree) == tree.head


def test_the_comparison_sees_a_difference(empty_database: Database) -> None:
    revisions.sync(empty_database, schema.API)
    with empty_database.transaction() as tx:
        tx.execute(sa.text("ALTER TABLE aggregates ADD COLUMN more INTEGER"))
        tx.execute(sa.text("ALTER TABLE quotas RENAME COLUMN hard_limit TO soft_limit"))
    found = [difference[0] for difference in differences(empty_database, api_metadata)]
    assert sorted(found) == ["add_column", "remove_column", "remove_column"]


@pytest.mark.parametrize("tree", [schema.API, schema.CELL], ids=lambda tree: tree.name)
def test_the_head_in_the_code_is_that_of_the_files(tree: schema.Tree) -> None:
    assert revisions.heads(tree) == [tree.head]


def test_refusals(empty_database: Database) -> None:
    with pytest.raises(SchemaVersionMismatch) as caught:
        schema.check(empty_database, schema.API)
    assert "api_db sync" in caught.value.message
    assert "\n" not in caught.value.message
    with pytest.raises(Invalid):
        revisions.sync(empty_database, schema.API, "no_such")
    revisions.sync(empty_database, schema.API)
    with empty_database.transaction() as tx:
        tx.execute(sa.text(f"UPDATE {schema.VERSION_TABLE} SET version_num = '9999_future'"))
    for check in (schema.check, revisions.sync):
        with pytest.raises(SchemaVersionMismatch):
            check(empty_database, schema.API)


@pytest.mark.parametrize(
    ("head", "found", "works"),
    [
        ("0001_initial", "0001_initial", True),
        ("0001_initial", None, False),
        ("0001_initial", "0001_other", False),
        ("0002_more", "0001_initial", False),
        ("0001_initial", "0002_more", False),
        ("0001_initial", "0002_0001_more", True),
        ("0002_0001_more", "0005_0002_much_more", True),
        ("0002_0001_more", "0005_0003_much_more", False),
        ("0001_initial", "nonsense", False),
    ],
)
def test_which_code_works_on_which_schema(head: str, found: str | None, works: bool) -> None:
    assert schema.works_on(head, found) is works


def test_shadows_have_the_columns() -> None:
    for table in ARCHIVED:
        names = [column.name for column in SHADOWS[table.name].columns]
        assert names == [column.name for column in table.columns]
