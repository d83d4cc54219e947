# SPDX-License-Identifier: Apache-2.0
"""Host aggregates in the API database."""

from typing import Any

import pytest

from nova_lite.base import concurrency
from nova_lite.conductor.handlers.aggregates import AggregateHandlers
from nova_lite.conductor.host_cells import HostCells
from nova_lite.domain import errors


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
