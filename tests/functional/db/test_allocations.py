# SPDX-License-Identifier: Apache-2.0
import msgspec
import pytest

from nova_lite.base import concurrency, ids
from nova_lite.db.api import allocations, providers
from nova_lite.db.databases import Databases
from nova_lite.domain import errors
from nova_lite.domain.host import Inventory, NodeReport
from tests.fixtures.databases import CELL1, node_report

SMALL = {"VCPU": 1, "MEMORY_MB": 256, "DISK_GB": 1}


def report(databases: Databases, node: NodeReport) -> NodeReport:
    facts = providers.Facts.of(node)
    with databases.api() as tx:
        providers.report(
            tx,
            host=node.hypervisor_hostname,
            cell=CELL1,
            node=node,
            facts=facts,
            text=providers.encode(facts),
        )
    return node


def claim(databases: Databases, consumer: str, node: NodeReport, resources: dict) -> None:
    databases.run_api(lambda tx: allocations.claim(tx, consumer, node.node_uuid, resources))


def seen(databases: Databases, node: NodeReport) -> tuple[dict[str, int], int]:
    """(used, instances); the sums must agree with the allocations."""
    with databases.read_api() as tx:
        assert allocations.miscounts(tx) == []
        return providers.usages(tx, [node.node_uuid])[node.node_uuid]


def test_claim_release_and_both_again(databases: Databases) -> None:
    node, consumer = report(databases, node_report()), ids.new_uuid()
    for _ in range(2):
        claim(databases, consumer, node, SMALL)
        assert seen(databases, node) == (SMALL, 1)
    with databases.read_api() as tx:
        has = allocations.get(tx, consumer)
    assert has == allocations.Allocation(
        consumer_uuid=consumer, node_uuid=node.node_uuid, host="host1", resources=SMALL
    )
    for first in (True, False):
        with databases.api() as tx:
            assert allocations.release(tx, consumer) is first
    assert seen(databases, node) == (dict.fromkeys(SMALL, 0), 0)


def test_a_consumer_has_one_claim(databases: Databases) -> None:
    node, other = report(databases, node_report()), report(databases, node_report(2))
    consumer = ids.new_uuid()
    claim(databases, consumer, node, SMALL)
    with pytest.raises(errors.Conflict):
        claim(databases, consumer, other, SMALL)
    with pytest.raises(errors.Conflict):
        claim(databases, consumer, node, {"VCPU": 2})
    assert seen(databases, node) == (SMALL, 1)
    assert seen(databases, other)[1] == 0


@pytest.mark.parametrize(
    ("resources", "resource", "free"),
    [
        ({"VCPU": 33}, "VCPU", 32),
        ({"VCPU": 1, "MEMORY_MB": 15873}, "MEMORY_MB", 15872),
        ({"VCPU": 1, "DISK_GB": 101, "MEMORY_MB": 1}, "DISK_GB", 100),
        ({"VCPU": 1, "CUSTOM_FPGA": 1}, "CUSTOM_FPGA", 0),
    ],
)
def test_what_does_not_fit_is_refused(databases, resources, resource, free) -> None:
    node = report(databases, node_report())
    with pytest.raises(errors.ClaimRefused) as caught:
        claim(databases, ids.new_uuid(), node, resources)
    assert caught.value.values == {
        "host": "host1",
        "resource": resource,
        "requested": resources[resource],
        "free": free,
    }
    assert seen(databases, node) == (dict.fromkeys(SMALL, 0), 0)


def test_units(databases: Databases) -> None:
    inventory = {"DISK_GB": Inventory(total=100, min_unit=4, max_unit=20, step_size=4)}
    node = report(databases, node_report(inventory=inventory))
    for amount in (2, 6, 24):
        with pytest.raises(errors.ClaimRefused):
            claim(databases, ids.new_uuid(), node, {"DISK_GB": amount})
    claim(databases, ids.new_uuid(), node, {"DISK_GB": 20})
    assert seen(databases, node) == ({"DISK_GB": 20}, 1)


def test_unknown_and_removed_nodes(databases: Databases) -> None:
    node = node_report()
    with pytest.raises(errors.ClaimRefused):
        claim(databases, ids.new_uuid(), node, SMALL)
    report(databases, node)
    with databases.api() as tx:
        assert providers.remove(tx, "host1") == 0
    with pytest.raises(errors.ClaimRefused):
        claim(databases, ids.new_uuid(), node, SMALL)
    report(databases, node)
    claim(databases, ids.new_uuid(), node, SMALL)


def test_a_smaller_inventory_keeps_what_is_used(databases: Databases) -> None:
    node = report(databases, node_report())
    claim(databases, ids.new_uuid(), node, {"VCPU": 20, "DISK_GB": 5})
    report(databases, msgspec.structs.replace(node, inventory={"VCPU": Inventory(total=2)}))
    assert seen(databases, node) == ({"VCPU": 20, "DISK_GB": 5}, 1)
    with pytest.raises(errors.ClaimRefused):
        claim(databases, ids.new_uuid(), node, {"VCPU": 1})


def test_never_more_than_there_is(databases: Databases) -> None:
    """100 claims at once on two hosts with room for 60 in all: exactly 60 fit."""
    room = {"VCPU": Inventory(total=1000), "MEMORY_MB": Inventory(total=30 * 256)}
    nodes = [report(databases, node_report(n, inventory=room)) for n in (1, 2)]
    wanted = {"VCPU": 1, "MEMORY_MB": 256}
    refused = []

    def one(number: int) -> None:
        try:
            claim(databases, f"{number:036d}", nodes[number % 2], wanted)
        except errors.ClaimRefused as error:
            refused.append(error.values["resource"])

    pool = concurrency.Pool(50)
    for task in [pool.submit(one, number) for number in range(100)]:
        task.wait(120)
    assert refused == ["MEMORY_MB"] * 40
    for node in nodes:
        assert seen(databases, node) == ({"VCPU": 30, "MEMORY_MB": 30 * 256}, 30)

    def back(number: int) -> bool:
        consumer = f"{number % 100:036d}"
        return databases.run_api(lambda tx: allocations.release(tx, consumer))

    released = [pool.submit(back, number) for number in range(200)]
    assert sum(task.wait(120) for task in released) == 60
    pool.stop()
    for node in nodes:
        assert seen(databases, node) == ({"VCPU": 0, "MEMORY_MB": 0}, 0)


def test_repair(databases: Databases) -> None:
    node = report(databases, node_report())
    claim(databases, ids.new_uuid(), node, SMALL)
    with databases.api() as tx:
        tx.execute(allocations.allocations.delete())
    with databases.read_api() as tx:
        (found,) = allocations.miscounts(tx)
    assert found.differences == {
        "instances": (1, 0),
        **{name: (amount, 0) for name, amount in SMALL.items()},
    }
    with databases.api() as tx:
        allocations.repair(tx, node.node_uuid)
    assert seen(databases, node) == (dict.fromkeys(SMALL, 0), 0)
