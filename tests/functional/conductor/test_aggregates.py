# SPDX-License-Identifier: Apache-2.0
"""Host aggregates in the API database."""

import time
from typing import Any

import pytest

from nova_lite.base import concurrency
from nova_lite.conductor.handlers.aggregates import AggregateHandlers
from nova_lite.conductor.handlers.hosts import HostHandlers
from nova_lite.conductor.host_cells import HostCells
from nova_lite.domain import errors
from tests.fixtures.databases import node_report
from tests.fixtures.wait import wait_for


@pytest.fixture
def handlers(deps: Any) -> AggregateHandlers:
    """With the hosts h1 and h2 in the first cell."""
    cells = HostCells(deps)
    cell = cells.of_services()
    for host in ("h1", "h2"):
        deps.databases.run_api(lambda tx, host=host: cells.map(tx, host, cell))
    return AggregateHandlers(deps, cells)


def test_made_changed_and_deleted(handlers: AggregateHandlers, admin: Any) -> None:
    one = handlers.create_aggregate(admin, name="one", zone="z1")
    two = handlers.create_aggregate(admin, name="two")
    assert (one.availability_zone, two.availability_zone) == ("z1", None)
    handlers.add_aggregate_host(admin, aggregate_id=one.id, host="h1")
    changed = handlers.update_aggregate(
        admin, aggregate_id=one.id, name="uno", metadata={"a": "b", "availability_zone": None}
    )
    assert (changed.name, changed.metadata, changed.hosts) == ("uno", {"a": "b"}, ["h1"])
    assert changed.updated_at is not None
    found = {aggregate.name: aggregate for aggregate in handlers.list_aggregates(admin)}
    assert found == {"uno": changed, "two": two}
    with pytest.raises(errors.InvalidAggregateAction):
        handlers.delete_aggregate(admin, aggregate_id=one.id)
    handlers.remove_aggregate_host(admin, aggregate_id=one.id, host="h1")
    handlers.delete_aggregate(admin, aggregate_id=one.id)
    assert handlers.list_aggregates(admin) == [two]


def test_names_are_taken_once(handlers: AggregateHandlers, admin: Any) -> None:
    handlers.create_aggregate(admin, name="one")
    two = handlers.create_aggregate(admin, name="two")
    with pytest.raises(errors.AggregateExists):
        handlers.create_aggregate(admin, name="one")
    with pytest.raises(errors.AggregateExists):
        handlers.update_aggregate(admin, aggregate_id=two.id, name="one")
    assert handlers.update_aggregate(admin, aggregate_id=two.id, name="two").name == "two"


def test_makers_race_for_a_name(handlers: AggregateHandlers, admin: Any) -> None:
    """All but one are told that it is taken."""

    def make() -> bool:
        try:
            handlers.create_aggregate(admin, name="one")
        except errors.AggregateExists:
            return False
        return True

    tasks = [concurrency.spawn(make) for _ in range(4)]
    assert sorted(task.wait(30) for task in tasks) == [False, False, False, True]


def test_schedulers_are_told(handlers: AggregateHandlers, deps: Any, admin: Any) -> None:
    """A host that comes, goes, or is described anew is read again."""
    hosts = HostHandlers(deps, HostCells(deps))
    hosts.report_node(admin, host="h1", report=node_report(1))
    made = handlers.create_aggregate(admin, name="one")
    seen = hosts.list_hosts(admin).hosts[0].generation
    changes = (
        lambda: handlers.add_aggregate_host(admin, aggregate_id=made.id, host="h1"),
        lambda: handlers.update_aggregate(
            admin, aggregate_id=made.id, metadata={"availability_zone": "z1"}
        ),
        lambda: handlers.remove_aggregate_host(admin, aggregate_id=made.id, host="h1"),
    )
    for change, zone in zip(changes, ("nova", "z1", "nova"), strict=True):
        wait_for(lambda s=seen: time.time() * 1e6 > s + 2000, 5, "the next millisecond")
        change()
        [host] = hosts.list_hosts(admin, since=seen).hosts
        assert (host.host, host.zone) == ("h1", zone)
        seen = host.generation


def test_two_zones_race_for_a_host(handlers: AggregateHandlers, admin: Any) -> None:
    """Whoever is second is refused."""
    made = [handlers.create_aggregate(admin, name=zone, zone=zone) for zone in ("z1", "z2")]

    def add(number: int) -> bool:
        try:
            handlers.add_aggregate_host(admin, aggregate_id=number, host="h2")
        except errors.InvalidAggregateAction:
            return False
        return True

    tasks = [concurrency.spawn(add, aggregate.id) for aggregate in made]
    assert sorted(task.wait(30) for task in tasks) == [False, True]
