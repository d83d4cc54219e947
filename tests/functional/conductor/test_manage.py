# SPDX-License-Identifier: Apache-2.0
"""nova-lite-manage, with files that do not exist at first."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from nova_lite.base import clock as base_clock
from nova_lite.base import ids
from nova_lite.cmd import manage
from nova_lite.conductor import archive, provision
from nova_lite.db import schema
from nova_lite.db.api import cells, groups, instance_mappings, request_specs
from nova_lite.db.cell import compute_nodes, services
from nova_lite.db.cell.models import SHADOWS, instance_actions, instances, metadata, tags
from nova_lite.db.databases import Databases
from nova_lite.domain.cell import CELL0
from nova_lite.domain.flavor import Flavor
from nova_lite.domain.group import GroupPolicy, ServerGroup
from nova_lite.domain.host import Service
from nova_lite.domain.request import RequestSpec
from tests.fixtures.databases import node_report
from tests.functional.db.test_quotas import mapping


@pytest.fixture
def files(conf: Any, tmp_path: Path) -> Any:
    """A configuration whose databases are not made yet."""
    conf.set_override("connection", f"sqlite:///{tmp_path}/nova_api.db", "api_database")
    conf.set_override("connection", f"sqlite:///{tmp_path}/nova.db", "database")
    conf.set_override("transport_url", "rabbit://u:secret@h/")
    return conf


@pytest.fixture
def cloud(files: Any) -> Databases:
    provision.set_up(files)
    return Databases.from_conf(files)


def cell1(databases: Databases) -> Any:
    (cell,) = databases.compute_cells()
    return cell


# --- schemas --------------------------------------------------------------------------------


def test_from_nothing(files: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert manage.run(files, "api_db", "version") == 0
    assert capsys.readouterr().out == "none\n"
    assert manage.run(files, "cell_v2", "list_cells") == 1
    assert "run nova-lite-manage api_db sync" in capsys.readouterr().err
    assert manage.run(files, "api_db", "sync") == 0
    assert manage.run(files, "db", "sync") == 1
    assert "cell0 is not mapped" in capsys.readouterr().err
    for _ in range(2):
        assert manage.run(files, "cell_v2", "simple_cell_setup") == 0
        assert manage.run(files, "db", "sync") == 0
    capsys.readouterr()
    for category, tree in (("db", schema.CELL), ("api_db", schema.API)):
        assert manage.run(files, category, "version") == 0
        assert capsys.readouterr().out == f"{tree.head}\n"
    Databases.from_conf(files).wait()


def test_only_the_local_cell(files: Any) -> None:
    assert manage.run(files, "db", "sync", "--local_cell") == 0
    assert provision.version(files, api=False) == schema.CELL.head


def test_refusals_in_one_line(files: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert manage.run(files, "db", "sync", "no_such", "--local_cell") == 1
    files.set_override("connection", "mysql+pymysql://u:secret@127.0.0.1:1/x", "database")
    assert manage.run(files, "db", "sync", "--local_cell") == 1
    files.set_override("connection", None, "api_database")
    assert manage.run(files, "api_db", "sync") == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert "secret" not in " ".join(lines)
    assert "[api_database] connection" in lines[2]


# --- cells ----------------------------------------------------------------------------------


def test_cells(files: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    manage.run(files, "api_db", "sync")
    assert manage.run(files, "cell_v2", "map_cell0") == 0
    assert manage.run(files, "cell_v2", "map_cell0") == 0
    assert manage.run(files, "cell_v2", "create_cell", "--name", "one", "--verbose") == 0
    uuid = capsys.readouterr().out.split()[-1]
    assert ids.is_uuid(uuid)
    assert manage.run(files, "cell_v2", "create_cell", "--name", "again") == 2
    url = f"sqlite:///{tmp_path}/two.db"
    two = ("--transport-url", "rabbit://two/", "--database_connection", url)
    assert manage.run(files, "cell_v2", "create_cell", *two, "--disabled") == 0
    capsys.readouterr()
    assert manage.run(files, "cell_v2", "list_cells") == 0
    shown = capsys.readouterr().out
    assert "nova_cell0.db" in shown
    assert "rabbit://u:***@h/" in shown
    assert manage.run(files, "cell_v2", "list_cells", "--verbose") == 0
    assert "secret" in capsys.readouterr().out
    update = ("cell_v2", "update_cell", "--cell_uuid")
    assert manage.run(files, *update, ids.new_uuid(), "--name", "x") == 1
    assert manage.run(files, *update, uuid, "--name", "uno", "--disable") == 0
    assert manage.run(files, *update, uuid, "--disable", "--enable") == 4
    assert manage.run(files, *update, CELL0, "--disable") == 5
    assert manage.run(files, *update, uuid, "--database_connection", url) == 3
    found = Databases.from_conf(files).get_cell(uuid)
    assert (found.name, found.disabled) == ("uno", True)
    assert manage.run(files, "cell_v2", "delete_cell", "--cell_uuid", uuid) == 0
    assert manage.run(files, "cell_v2", "delete_cell", "--cell_uuid", uuid) == 1


def test_nothing_says_where_a_cell_is(files: Any) -> None:
    manage.run(files, "api_db", "sync")
    files.set_override("connection", None, "database")
    assert manage.run(files, "cell_v2", "create_cell") == 1


def test_hosts(files: Any, cloud: Databases, capsys: pytest.CaptureFixture[str]) -> None:
    cell = cell1(cloud)
    discover = ("cell_v2", "discover_hosts")
    assert manage.run(files, *discover) == 0
    assert manage.run(files, *discover, "--strict") == 1
    assert manage.run(files, *discover, "--cell_uuid", "x") == 1
    with cloud.cell(cell) as tx:
        node = node_report()
        compute_nodes.report(tx, host="host1", node=node, text=b"{}", facts_digest="")
        new = Service(uuid=ids.new_uuid(), host="host2", binary="nova-compute", topic="compute")
        services.create(tx, new)
    capsys.readouterr()
    assert manage.run(files, *discover, "--strict", "--verbose") == 0
    assert capsys.readouterr().out == "host1 is mapped to cell cell1\n"
    assert manage.run(files, *discover, "--strict", "--by-service") == 0
    assert manage.run(files, "cell_v2", "list_hosts") == 0
    shown = capsys.readouterr().out
    assert "host1" in shown and "host2" in shown
    assert manage.run(files, "cell_v2", "list_hosts", "--cell_uuid", "x") == 1
    assert manage.run(files, "cell_v2", "delete_cell", "--cell_uuid", cell.uuid) == 2
    delete = ("cell_v2", "delete_host", "--host")
    assert manage.run(files, *delete, "host1", "--cell_uuid", "x") == 1
    assert manage.run(files, *delete, "host9", "--cell_uuid", cell.uuid) == 2
    add_server(cloud, host="host1")
    assert manage.run(files, *delete, "host1", "--cell_uuid", cell.uuid) == 3
    assert manage.run(files, *delete, "host2", "--cell_uuid", cell.uuid) == 0
    with cloud.read_api() as tx:
        assert cells.list_hosts(tx) == {"host1": cell.uuid}
    assert manage.run(files, "cell_v2", "delete_cell", "--cell_uuid", cell.uuid, "--force") == 3


# --- archive --------------------------------------------------------------------------------


def add_server(
    databases: Databases,
    *,
    deleted_at: dt.datetime | None = None,
    actions: int = 1,
    host: str | None = None,
    queued: bool | None = None,
) -> str:
    """A server with so many actions, a tag, a mapping and a request spec."""
    cell = cell1(databases)
    wanted = mapping()
    uuid = wanted.instance_uuid
    flavor = Flavor(flavorid="1", name="f", vcpus=1, memory_mb=1, root_gb=1)
    spec = RequestSpec(project_id="p", user_id="u", flavor=flavor, resources={})
    with databases.api() as tx:
        instance_mappings.create(tx, cell, [wanted])
        request_specs.create(tx, {uuid: spec})
        if deleted_at is not None if queued is None else queued:
            instance_mappings.mark_deleted(tx, uuid)
    row: dict[str, Any] = {}
    for column in instances.columns:
        if not column.nullable and column.name != "id":
            row[column.name] = "" if column.type.python_type is str else 0
    row |= {"uuid": uuid, "host": host, "created_at": base_clock.now()}
    row |= {"config_drive": False, "auto_disk_config": False}
    with databases.cell(cell) as tx:
        number = tx.execute(instances.insert(), row).inserted_primary_key[0]
        if deleted_at is not None:
            gone = instances.update().where(instances.c.id == number)
            tx.execute(gone.values(deleted=number, deleted_at=deleted_at))
        tx.execute(tags.insert(), {"instance_uuid": uuid, "tag": "t"})
        for _ in range(actions):
            action = {"instance_uuid": uuid, "request_id": "r", "action": "create"}
            tx.execute(instance_actions.insert(), {**action, "start_time": base_clock.now()})
    return uuid


def rows(databases: Databases) -> dict[str, int]:
    """Rows by table, those with some."""
    with databases.read_cell(cell1(databases)) as tx:
        counted = {
            table.name: len(tx.execute(table.select()).all()) for table in metadata.sorted_tables
        }
    return {name: count for name, count in counted.items() if count}


OLD = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
ARCHIVE = ("db", "archive_deleted_rows")


def test_archive_takes_all_of_a_server(files: Any, cloud: Databases, capsys: Any) -> None:
    kept, gone = add_server(cloud), add_server(cloud, deleted_at=OLD, actions=2)
    group = ServerGroup(
        uuid=ids.new_uuid(), name="g", project_id="p", user_id="u", policy=GroupPolicy.AFFINITY
    )
    with cloud.api() as tx:
        groups.create(tx, group)
        groups.add_members(tx, group.uuid, [gone])
    before = rows(cloud)
    assert manage.run(files, *ARCHIVE, "--verbose", "--task-log") == 1
    assert "instance_actions" in capsys.readouterr().out
    assert rows(cloud) == {
        "instances": 1,
        "instance_actions": 1,
        "tags": 1,
        "shadow_instances": 1,
        "shadow_instance_actions": 2,
    }
    assert before["instances"] == 2
    with cloud.read_api() as tx:
        assert instance_mappings.get(tx, kept) and request_specs.get(tx, kept)
        assert instance_mappings.get(tx, gone) is None
        assert request_specs.get(tx, gone) is None
        assert groups.group_of(tx, gone) is None
    assert manage.run(files, *ARCHIVE) == 0
    with cloud.read_cell(cell1(cloud)) as tx:
        (archived,) = tx.execute(SHADOWS["instances"].select()).mappings()
    assert (archived["uuid"], archived["deleted_at"]) == (gone, OLD)


def test_archive_by_date_and_number(files: Any, cloud: Databases) -> None:
    for year in (2019, 2020, 2021):
        add_server(cloud, deleted_at=OLD.replace(year=year))
    assert manage.run(files, *ARCHIVE, "--before", "2018-01-01") == 0
    assert manage.run(files, *ARCHIVE, "--before", "2020-06-01 12:00", "--max_rows", "3") == 1
    assert rows(cloud)["shadow_instances"] == 1
    assert manage.run(files, *ARCHIVE, "--before", "2020-06-01", "--until-complete") == 1
    assert rows(cloud)["shadow_instances"] == 2
    assert rows(cloud)["instances"] == 1


def test_a_server_with_more_rows_than_fit_goes_in_parts(files: Any, cloud: Databases) -> None:
    add_server(cloud, deleted_at=OLD, actions=7)
    seen = []
    while manage.run(files, *ARCHIVE, "--max_rows", "3") == 1:
        seen.append((rows(cloud).get("instance_actions"), rows(cloud).get("instances")))
    assert seen == [(4, 1), (1, 1), (None, None)]


def test_archive_refusals(files: Any, cloud: Databases) -> None:
    for rows_ in ("0", "-1", "many", "99999999999"):
        assert manage.run(files, *ARCHIVE, "--max_rows", rows_) == 2
    assert manage.run(files, *ARCHIVE, "--before", "yesterday") == 4
    files.set_override("connection", None, "api_database")
    assert manage.run(files, *ARCHIVE) == 3


def test_unfinished_deletions_stay(files: Any, cloud: Databases) -> None:
    """Its quota was not given back yet: the mapping is what remembers that."""
    add_server(cloud, deleted_at=OLD, queued=False)
    assert manage.run(files, *ARCHIVE, "--until-complete") == 0
    assert rows(cloud)["instances"] == 1


def test_archive_goes_on_after_a_crash(files: Any, cloud: Databases) -> None:
    """Between the two databases: the mapping is gone, the server's row is still there."""
    gone = add_server(cloud, deleted_at=OLD)
    with cloud.api() as tx:
        instance_mappings.delete(tx, [gone])
    assert manage.run(files, *ARCHIVE, "--all-cells") == 1
    assert "instances" not in rows(cloud)


def test_deleted_services_are_archived(files: Any, cloud: Databases) -> None:
    with cloud.cell(cell1(cloud)) as tx:
        new = Service(uuid=ids.new_uuid(), host="h", binary="nova-compute", topic="compute")
        services.create(tx, new)
        services.delete(tx, new.uuid)
    assert manage.run(files, *ARCHIVE) == 1
    assert rows(cloud) == {"shadow_services": 1}


def test_purge(files: Any, cloud: Databases) -> None:
    purge = ("db", "purge")
    assert manage.run(files, *purge) == 1
    assert manage.run(files, *purge, "--before", "soon") == 2
    assert manage.run(files, *purge, "--all") == 3
    for year in (2019, 2021):
        add_server(cloud, deleted_at=OLD.replace(year=year))
    manage.run(files, *ARCHIVE)
    assert manage.run(files, *purge, "--before", "2020-01-01", "--verbose") == 0
    assert rows(cloud) == {"shadow_instances": 1, "shadow_instance_actions": 1}
    assert manage.run(files, *purge, "--all", "--all-cells") == 0
    assert rows(cloud) == {}
    files.set_override("connection", None, "api_database")
    assert manage.run(files, *purge, "--all") == 4


def test_archive_and_purge_at_once(files: Any, cloud: Databases) -> None:
    add_server(cloud, deleted_at=OLD)
    assert manage.run(files, *ARCHIVE, "--purge") == 1
    assert rows(cloud) == {}


def test_progress_is_told(cloud: Databases) -> None:
    add_server(cloud, deleted_at=OLD)
    told: list[str] = []
    archive.archive_deleted_rows(cloud, [cell1(cloud)], max_rows=10, progress=told.append)
    assert told == ["2 rows of cell cell1"]
