# SPDX-License-Identifier: Apache-2.0
"""Which servers used something in a span of time."""

from datetime import timedelta

from nova_lite.db.cell import instances, usage
from nova_lite.db.databases import Databases
from nova_lite.domain.usage import ServerUsage, UsageQuery
from tests.fixtures.databases import CELL1
from tests.functional.db.test_instances import START, put, server

HOUR = timedelta(hours=1)


def used(databases: Databases, **query: object) -> list[ServerUsage]:
    values = {"start": START, "stop": START + 10 * HOUR, **query}
    with databases.read_cell(CELL1) as tx:
        return usage.page(tx, UsageQuery(**values))  # type: ignore[arg-type]


def test_usage_is_of_servers_that_were_there(databases: Databases) -> None:
    one, ended, later, never = put(
        databases,
        server(launched_at=START - HOUR),
        server(launched_at=START - 5 * HOUR, terminated_at=START - HOUR),
        server(launched_at=START + 20 * HOUR),
        server(),
    )
    (found,) = used(databases)
    assert found.uuid == one.uuid and found.launched_at == START - HOUR
    assert (found.flavor, found.vcpus, found.memory_mb, found.local_gb) == ("m1.small", 1, 2, 3)
    assert {row.uuid for row in used(databases, start=START - 9 * HOUR)} == {one.uuid, ended.uuid}
    assert later.uuid in {row.uuid for row in used(databases, stop=START + 30 * HOUR)}
    assert never.uuid not in {row.uuid for row in used(databases, stop=START + 30 * HOUR)}


def test_usage_of_deleted_servers_is_kept(databases: Databases) -> None:
    (one,) = put(databases, server(launched_at=START))
    with databases.cell(CELL1) as tx:
        instances.soft_delete(tx, one.uuid)
    (found,) = used(databases)
    assert found.terminated_at is not None and found.vm_state == "deleted"


def test_usage_comes_in_pages_and_by_project(databases: Databases) -> None:
    made = put(
        databases,
        *(server(n, launched_at=START, project_id=f"p{n % 2}") for n in range(6)),
    )
    everything = sorted(one.uuid for one in made)
    first = used(databases, limit=4)
    assert [row.uuid for row in first] == everything[:4]
    second = used(databases, limit=4, marker=first[-1].uuid)
    assert [row.uuid for row in second] == everything[4:]
    assert {row.project_id for row in used(databases, project_id="p1")} == {"p1"}
