# SPDX-License-Identifier: Apache-2.0
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from nova_lite.base import ids
from nova_lite.conductor import provision, readiness
from nova_lite.conductor.readiness import Level
from nova_lite.db import schema
from nova_lite.db.api import cells
from nova_lite.db.cell import compute_nodes, services
from nova_lite.db.databases import Databases
from nova_lite.domain.cell import CELL0
from nova_lite.domain.host import Service
from tests.fixtures.databases import node_report


@pytest.fixture
def files(conf: Any, tmp_path: Path) -> Any:
    conf.set_override("connection", f"sqlite:///{tmp_path}/nova_api.db", "api_database")
    conf.set_override("connection", f"sqlite:///{tmp_path}/nova.db", "database")
    return conf


@pytest.fixture
def cloud(files: Any) -> Databases:
    provision.set_up(files)
    return Databases.from_conf(files)


def levels(conf: Any) -> dict[str, Level]:
    return {name: check(conf).level for name, check in readiness.CHECKS}


def test_ready(files: Any, cloud: Databases) -> None:
    assert set(levels(files).values()) == {Level.SUCCESS}


def test_nothing_is_set_up(files: Any) -> None:
    assert set(levels(files).values()) == {Level.FAILURE}
    assert "api_db sync" in (readiness.schemas(files).details or "")
    files.set_override("connection", None, "api_database")
    assert "[api_database] connection" in (readiness.schemas(files).details or "")


def test_a_cell_without_tables(files: Any, cloud: Databases) -> None:
    (cell,) = cloud.compute_cells()
    with cloud.api() as tx:
        url = cell.database_connection.replace("nova.db", "other.db")
        cells.update_cell(tx, cell.uuid, database_connection=url)
    verdict = readiness.schemas(files)
    assert verdict.level is Level.FAILURE
    assert "db sync" in (verdict.details or "")


def test_a_database_of_a_later_release(files: Any, cloud: Databases) -> None:
    for revision, level in (("0009_0001_x", Level.WARNING), ("0009_x", Level.FAILURE)):
        with cloud.api() as tx:
            words = f"UPDATE {schema.VERSION_TABLE} SET version_num = '{revision}'"
            tx.execute(sa.text(words))
        assert readiness.schemas(files).level is level


def test_missing_cells(files: Any, cloud: Databases) -> None:
    (cell,) = cloud.compute_cells()
    for uuid in (cell.uuid, CELL0):
        with cloud.api() as tx:
            cells.delete_cell(tx, uuid)
        assert readiness.cell_mappings(files).level is Level.FAILURE


def test_hosts_that_are_not_mapped(files: Any, cloud: Databases) -> None:
    (cell,) = cloud.compute_cells()
    with cloud.cell(cell) as tx:
        node = node_report()
        compute_nodes.report(tx, host="host1", node=node, text=b"{}", facts_digest="")
    verdict = readiness.cell_mappings(files)
    assert verdict.level is Level.FAILURE
    assert "host1" in (verdict.details or "")
    with cloud.api() as tx:
        cells.map_host(tx, "host1", cell)
    assert readiness.cell_mappings(files).level is Level.SUCCESS


def test_old_services(files: Any, cloud: Databases) -> None:
    (cell,) = cloud.compute_cells()
    new = Service(uuid=ids.new_uuid(), host="h", binary="nova-compute", topic="compute")
    with cloud.cell(cell) as tx:
        services.create(tx, new)
        assert services.below_level(tx, new.wire_level) == []
        assert services.below_level(tx, new.wire_level + 1) == [("nova-compute", "h", 1)]


def test_the_command(files: Any, cloud: Databases, tmp_path: Path) -> None:
    config = tmp_path / "nova.conf"
    config.write_text(
        f"[api_database]\nconnection = {files.api_database.connection}\n"
        f"[database]\nconnection = {files.database.connection}\n"
    )

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        call = "import sys; from nova_lite.cmd.status import main; sys.exit(main())"
        command = [sys.executable, "-c", call, "--config-file", str(config), *words]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    done = run("upgrade", "check")
    assert done.returncode == 0, done.stderr
    assert "Check: Cells v2" in done.stdout
    done = run("upgrade", "check", "--json")
    assert {one["result"] for one in json.loads(done.stdout)["checks"]} == {0}
    config.write_text("[api_database]\nconnection = nonsense\n")
    assert run("upgrade", "check").returncode == 2
