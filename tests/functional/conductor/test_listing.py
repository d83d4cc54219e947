# SPDX-License-Identifier: Apache-2.0
"""Lists of servers over several cells, and with a cell that is away."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from nova_lite.base import concurrency, ids
from nova_lite.conductor import listing
from nova_lite.db import schema
from nova_lite.db.api import cells, instance_mappings
from nova_lite.db.api.instance_mappings import InstanceMapping
from nova_lite.db.cell import instances
from nova_lite.db.cell.models import metadata
from nova_lite.db.engine import Database
from nova_lite.domain import errors
from nova_lite.domain.cell import CELL0, Cell
from nova_lite.domain.instance import Instance, InstanceQuery, InstanceSummary
from nova_lite.domain.states import VmState
from tests.fixtures.conducting import PROJECT, SMALL, USER, Cloud, a_context
from tests.fixtures.databases import CELL1, make_tables, options
from tests.functional.flows.conftest import cloud, make_cloud  # noqa: F401

CELL2 = "22222222-2222-4222-8222-222222222222"
START = datetime(2020, 1, 1, tzinfo=UTC)


def put(cloud: Cloud, cell: str, number: int, **more: Any) -> Instance:  # noqa: F811
    moment = START + timedelta(minutes=number)
    made = Instance(
        uuid=ids.new_uuid(),
        project_id=PROJECT,
        user_id=USER,
        display_name=f"s{number}",
        flavor=SMALL,
        vm_state=VmState.ACTIVE,
        created_at=moment,
        updated_at=moment,
        **more,
    )
    mapping = InstanceMapping(
        instance_uuid=made.uuid,
        cell=cell,
        project_id=PROJECT,
        user_id=USER,
        cores=1,
        ram=1,
        created_at=moment,
    )
    with cloud.databases.api() as tx:
        instance_mappings.create(tx, cloud.databases.get_cell(cell), [mapping])
    with cloud.databases.cell(cell) as tx:
        instances.insert(tx, [made], "instance-%08x")
    return made


@pytest.fixture
def second_cell(cloud: Cloud, tmp_path: Path) -> str:  # noqa: F811
    url = f"sqlite:///{tmp_path}/cell2.db"
    database = Database(url, options("cell"))
    make_tables(database, metadata, schema.CELL)
    database.close()
    with cloud.databases.api() as tx:
        cells.create_cell(tx, Cell(uuid=CELL2, name="cell2", database_connection=url))
    cloud.databases.cells(fresh=True)
    return CELL2


def names(cloud: Cloud, **query: Any) -> list[str]:  # noqa: F811
    """Short and detailed list agree."""
    asked = InstanceQuery(project_id=PROJECT, **query)
    process = cloud.processes[0]
    short = msgspec.json.decode(
        process.list_instances(a_context(), query=asked, summary=True), type=list[InstanceSummary]
    )
    full = msgspec.json.decode(
        process.list_instances(a_context(), query=asked, summary=False), type=list[Instance]
    )
    assert [one.uuid for one in full] == [one.uuid for one in short if not one.down]
    return [one.display_name for one in full]


def test_cells_are_merged_in_order(cloud: Cloud, second_cell: str) -> None:  # noqa: F811
    for number in range(9):
        put(cloud, [CELL0, CELL1, CELL2][number % 3], number)
    assert names(cloud) == [f"s{number}" for number in range(8, -1, -1)]
    assert names(cloud, sort=[("display_name", "asc")])[:3] == ["s0", "s1", "s2"]
    assert names(cloud, limit=4) == ["s8", "s7", "s6", "s5"]


def test_keys_that_are_null_are_merged_too(cloud: Cloud, second_cell: str) -> None:  # noqa: F811
    put(cloud, CELL1, 1, host="b"), put(cloud, CELL2, 2, host="a"), put(cloud, CELL2, 3)
    assert names(cloud, sort=[("host", "asc")]) == ["s3", "s2", "s1"]
    assert names(cloud, sort=[("host", "desc")]) == ["s1", "s2", "s3"]


def test_pages_go_over_cells(cloud: Cloud, second_cell: str) -> None:  # noqa: F811
    made = {f"s{n}": put(cloud, [CELL0, CELL1, CELL2][n % 3], n).uuid for n in range(10)}
    walked: list[str] = []
    marker = None
    while page := names(cloud, limit=3, marker=marker):
        walked += page
        marker = made[page[-1]]
    assert walked == [f"s{number}" for number in range(9, -1, -1)]
    with pytest.raises(errors.MarkerNotFound):
        names(cloud, marker=ids.new_uuid())


@pytest.mark.parametrize("cell", [CELL1, CELL2])
def test_a_cell_that_is_away(
    cloud: Cloud,  # noqa: F811
    second_cell: str,
    cell: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = {CELL1: put(cloud, CELL1, 1), CELL2: put(cloud, CELL2, 2)}
    read_cell = cloud.databases.read_cell

    def away(asked: Any) -> Any:
        if getattr(asked, "uuid", asked) == cell:
            raise errors.DatabaseUnavailable(database="cell", reason="away")
        return read_cell(asked)

    # A database that is away is waited for half a minute; here it is given up at once.
    monkeypatch.setattr(cloud.databases, "read_cell", away)
    other = made[CELL2 if cell == CELL1 else CELL1]
    assert names(cloud) == [other.display_name]
    text = cloud.processes[0].list_instances(
        a_context(), query=InstanceQuery(project_id=PROJECT), summary=True
    )
    found = msgspec.json.decode(text, type=list[InstanceSummary])
    assert {(one.uuid, one.down) for one in found} == {
        (other.uuid, False),
        (made[cell].uuid, True),
    }


def test_a_cell_that_hangs(
    cloud: Cloud,  # noqa: F811
    second_cell: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put(cloud, CELL1, 1), put(cloud, CELL2, 2)
    go = concurrency.Event()
    read_cell = cloud.databases.read_cell

    def slow(asked: Any) -> Any:
        if getattr(asked, "uuid", asked) == CELL2:
            go.wait(60)
        return read_cell(asked)

    # A cell gets a minute; a test does not.
    monkeypatch.setattr(cloud.databases, "read_cell", slow)
    # As above; enough for the other cell on a busy machine.
    monkeypatch.setattr(listing, "CELL_TIMEOUT", 3.0)
    assert names(cloud) == ["s1"]
    go.set()


def test_only_ones_own_project_is_listed(cloud: Cloud) -> None:  # noqa: F811
    put(cloud, CELL1, 1)
    asked = InstanceQuery(project_id=None)
    stranger = msgspec.structs.replace(a_context(), project_id="another")
    process = cloud.processes[0]
    assert bytes(process.list_instances(stranger, query=asked, summary=True)) == b"[]"
    assert len(bytes(process.list_instances(a_context(), query=asked, summary=True))) > 2
