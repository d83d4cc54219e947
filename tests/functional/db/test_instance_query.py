# SPDX-License-Identifier: Apache-2.0
from datetime import timedelta
from typing import Any

import pytest

from nova_lite.db.cell import instance_query, instances
from nova_lite.db.databases import Databases
from nova_lite.domain import errors, lifecycle
from nova_lite.domain.devices import FixedIp, Vif
from nova_lite.domain.instance import InstancePatch, InstanceQuery
from nova_lite.domain.states import TaskState, VmState
from tests.fixtures.databases import CELL1
from tests.functional.db.test_instances import START, put, server


def names(databases: Databases, **query: Any) -> list[str]:
    """Display names of a page, by the numbers of the servers: the last word."""
    values = {"project_id": "p1", **query}
    with databases.read_cell(CELL1) as tx:
        wanted = InstanceQuery(**values)
        marker = instance_query.marker_values(tx, wanted) if wanted.marker else None
        rows = instance_query.page(tx, wanted, marker)
        short = instance_query.summaries(tx, wanted, marker)
    assert [row.uuid for row in rows] == [row.uuid for row in short]
    return [row.display_name for row in rows]


def nic(*addresses: str) -> list[Vif]:
    ips = [FixedIp(address=a, version=6 if ":" in a else 4) for a in addresses]
    return [Vif(port_id="p", network_id="n", mac="m", fixed_ips=ips)]


def test_query_default_order_and_projects(databases: Databases) -> None:
    put(databases, server(1), server(3), server(2), server(4, project_id="p2"))
    assert names(databases) == ["server 3", "server 2", "server 1"]
    assert names(databases, project_id=None)[0] == "server 4"
    assert names(databases, project_id="p3") == []


def test_query_pages_begin_behind_the_marker(databases: Databases) -> None:
    made = put(databases, *(server(n) for n in range(7)))
    # Two of the same moment: the id decides.
    same = put(databases, server(3, display_name="twin"))
    whole = names(databases)
    assert len(whole) == 8
    walked: list[str] = []
    marker = None
    while page := names(databases, limit=3, marker=marker):
        walked += page
        by_name = {one.display_name: one.uuid for one in [*made, *same]}
        marker = by_name[page[-1]]
    assert walked == whole
    assert names(databases, limit=0) == []


@pytest.mark.parametrize("direction", ["asc", "desc"])
@pytest.mark.parametrize(
    "key", ["host", "task_state", "launched_at", "display_name", "uuid", "config_drive", "id"]
)
def test_query_every_kind_of_key_can_be_walked(
    databases: Databases, key: str, direction: str
) -> None:
    """Also keys that are NULL in some rows, and alike in others."""
    for number in range(12):
        put(
            databases,
            server(
                number,
                host=[None, "h1", "h2"][number % 3],
                task_state=[None, TaskState.PAUSING][number % 2],
                launched_at=[None, START, START + timedelta(hours=1)][number % 3],
                config_drive=number % 2 == 0,
            ),
        )
    sort = [(key, direction)]
    whole = names(databases, sort=sort)
    assert len(whole) == 12
    with databases.read_cell(CELL1) as tx:
        rows = {
            row.display_name: row.uuid
            for row in instance_query.page(tx, InstanceQuery(project_id="p1"))
        }
    walked: list[str] = []
    marker = None
    while page := names(databases, sort=sort, limit=5, marker=marker):
        walked += page
        marker = rows[page[-1]]
    assert walked == whole


def test_query_several_keys(databases: Databases) -> None:
    put(databases, server(1, host="b"), server(2, host="a"), server(3, host="b"), server(4))
    sort = [("host", "asc"), ("created_at", "desc")]
    assert names(databases, sort=sort) == ["server 4", "server 2", "server 3", "server 1"]


def test_query_unknown_marker_and_key(databases: Databases) -> None:
    (mine, other) = put(databases, server(1), server(2, project_id="p2"))
    for marker in ("no-such", other.uuid):
        with pytest.raises(errors.MarkerNotFound):
            names(databases, marker=marker)
    for query in ({"sort": [("data", "asc")]}, {"filters": {"vifs": "x"}}):
        with pytest.raises(errors.Invalid):
            names(databases, **query)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"host": "h1"}, ["server 1"]),
        ({"host": ["h1", "h2"]}, ["server 2", "server 1"]),
        ({"host": None}, ["server 3"]),
        ({"host": ["h2", None]}, ["server 3", "server 2"]),
        ({"power_state": 1}, ["server 1"]),
        ({"power_state": "1"}, ["server 1"]),
        ({"power_state": "x"}, []),
        ({"power_state": ["x", 1]}, ["server 1"]),
        ({"locked": True}, ["server 2"]),
        ({"locked": "false"}, ["server 3", "server 1"]),
        ({"config_drive": True}, ["server 3"]),
        ({"config_drive": "True"}, ["server 3"]),
        ({"config_drive": ""}, ["server 2", "server 1"]),
        ({"flavorid": "m1"}, ["server 3", "server 2", "server 1"]),
        ({"flavor": "m2"}, []),
        ({"task_state": "pausing"}, ["server 1"]),
        ({"launched_at": START.isoformat()}, ["server 1"]),
        ({"launched_at": "nonsense"}, []),
        ({"launch_index": 2}, ["server 2"]),
        ({"user_id": "u1", "host": "h2"}, ["server 2"]),
    ],
)
def test_query_filters(databases: Databases, filters: dict[str, Any], expected: list[str]) -> None:
    put(
        databases,
        server(1, host="h1", power_state=1, launched_at=START, task_state=TaskState.PAUSING),
        server(2, host="h2", locked_by="owner", launch_index=2),
        server(3, config_drive=True),
    )
    assert names(databases, filters=filters) == expected


def test_query_states(databases: Databases) -> None:
    put(
        databases,
        server(1),
        server(2, task_state=TaskState.REBOOTING),
        server(3, vm_state=VmState.STOPPED),
        server(4, task_state=TaskState.PAUSING),
    )
    for status, expected in {
        "ACTIVE": ["server 4", "server 1"],
        "REBOOT": ["server 2"],
        "SHUTOFF": ["server 3"],
        "ERROR": [],
    }.items():
        states = [(vm, list(tasks)) for vm, tasks in lifecycle.states_of(status) or ()]
        assert names(databases, states=states) == expected, status
    assert names(databases, states=[]) == []


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("web", ["Web-1", "my web"]),
        ("^web", ["Web-1"]),
        ("WEB$", ["my web"]),
        ("w.b", ["Web-1", "my web"]),
        ("[0-9]", ["Web-1", "100% _x"]),
        ("100%", ["100% _x"]),
        ("_x", ["100% _x"]),
        ("(", ["par(en"]),
        ("(a+)+$", []),
        ("none", []),
    ],
)
def test_query_patterns(databases: Databases, pattern: str, expected: list[str]) -> None:
    put(
        databases,
        *(
            server(n, display_name=name)
            for n, name in enumerate(["Web-1", "my web", "100% _x", "par(en"])
        ),
    )
    found = names(databases, matches={"display_name": pattern}, sort=[("created_at", "asc")])
    assert found == expected


@pytest.mark.parametrize(
    ("matches", "expected"),
    [
        ({"ip": "10.0.0.1"}, ["server 1", "server 2"]),
        ({"ip": r"^10\.0\.0\.1$"}, ["server 1"]),
        ({"ip": "fe80"}, []),
        ({"ip6": "fe80::"}, ["server 2"]),
        ({"ip": "10", "ip6": "fe80"}, ["server 2"]),
        ({"ip": "("}, []),
    ],
)
def test_query_addresses(
    databases: Databases, matches: dict[str, str], expected: list[str]
) -> None:
    put(
        databases,
        server(1, vifs=nic("10.0.0.1")),
        server(2, vifs=nic("10.0.0.12", "fe80::2")),
        server(3, vifs=nic("192.168.0.1")),
        server(4),
    )
    assert names(databases, matches=matches, sort=[("created_at", "asc")]) == expected


def test_query_addresses_over_many_rows(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Bounds so small that a test with few rows meets them.
    monkeypatch.setattr(instance_query, "BATCH", 4)
    put(databases, *(server(n, vifs=nic(f"10.0.{n % 2}.{n}")) for n in range(20)))
    assert len(names(databases, matches={"ip": r"10\.0\.1\."})) == 10
    assert len(names(databases, matches={"ip": r"10\.0\.1\."}, limit=3)) == 3
    # Bounds so small that a test with few rows meets them.
    monkeypatch.setattr(instance_query, "SCANNED", 8)
    assert len(names(databases, matches={"ip": r"10\.0\.1\."})) == 4


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"tags_all": ["a"]}, ["server 1", "server 2"]),
        ({"tags_all": ["a", "b"]}, ["server 2"]),
        ({"tags_any": ["b", "c"]}, ["server 2", "server 3"]),
        ({"not_tags_all": ["a", "b"]}, ["server 1", "server 3", "server 4"]),
        ({"not_tags_any": ["a", "c"]}, ["server 4"]),
        ({"tags_all": ["a"], "not_tags_any": ["b"]}, ["server 1"]),
    ],
)
def test_query_tags(databases: Databases, query: dict[str, Any], expected: list[str]) -> None:
    put(
        databases,
        server(1, tags=["a"]),
        server(2, tags=["a", "b"]),
        server(3, tags=["c"]),
        server(4),
    )
    assert names(databases, **query, sort=[("created_at", "asc")]) == expected


def test_query_deleted_and_changed(databases: Databases) -> None:
    made = put(databases, *(server(n) for n in range(4)))
    with databases.cell(CELL1) as tx:
        instances.soft_delete(tx, made[0].uuid)
        soft = InstancePatch(vm_state=VmState.SOFT_DELETED)
        instances.patch(tx, [made[1].uuid], soft)
    assert names(databases) == ["server 3", "server 2"]
    assert names(databases, soft_deleted=True) == ["server 3", "server 2", "server 1"]
    assert names(databases, deleted=True) == ["server 0"]
    assert names(databases, deleted=True, soft_deleted=True) == ["server 1", "server 0"]
    assert len(names(databases, deleted=None)) == 4
    states = [(VmState.SOFT_DELETED, [None])]
    assert names(databases, states=states) == ["server 1"]
    # The rows that were touched have changed now, the others when they were made.
    since = START + timedelta(minutes=3)
    changed = names(databases, deleted=None, changes_before=since)
    assert changed == ["server 3", "server 2"]
    with databases.read_cell(CELL1) as tx:
        (row,) = instance_query.page(tx, InstanceQuery(project_id=None, deleted=True))
    assert names(databases, deleted=None, changes_since=row.updated_at)[-1] == "server 0"
