# SPDX-License-Identifier: Apache-2.0
import msgspec

from nova_lite.base import ids
from nova_lite.db.api import allocations, providers
from nova_lite.db.databases import Databases
from tests.fixtures.databases import CELL1, node_report
from tests.fixtures.wait import wait_for
from tests.functional.db.test_allocations import SMALL, claim, report


def changed(databases: Databases, since: int) -> providers.Changed:
    with databases.read_api() as tx:
        return providers.changed_since(tx, since)


def newest(databases: Databases) -> int:
    """The generation of the host that changed last; whatever changes now is newer."""
    found = changed(databases, 0)
    last = max(host.generation for host in found.hosts)

    def passed() -> bool:
        return changed(databases, 0).generation + providers.OVERLAP > last

    wait_for(passed, 5, "the clock of the database to move on")
    return last


def test_nothing_there(databases: Databases) -> None:
    found = changed(databases, 0)
    assert (found.hosts, found.removed, found.full) == ([], [], True)
    assert found.generation > 0


def test_a_host_as_schedulers_see_it(databases: Databases) -> None:
    node = report(databases, node_report(stats={"io_workload": 3, "failed_builds": 2}))
    claim(databases, ids.new_uuid(), node, SMALL)
    (host,) = changed(databases, 0).hosts
    assert host.generation > 0
    assert msgspec.structs.replace(host, generation=0) == msgspec.convert(
        {
            "host": "host1",
            "node": "host1",
            "node_uuid": node.node_uuid,
            "cell": CELL1,
            "host_ip": "127.0.0.1",
            "hypervisor_type": "QEMU",
            "hypervisor_version": 7002000,
            "supported": [("x86_64", "qemu", "hvm")],
            "inventory": msgspec.to_builtins(node.inventory),
            "used": SMALL,
            "traits": ["COMPUTE_NODE"],
            "instances": 1,
            "io_workload": 3,
            "failed_builds": 2,
            "cpu_info": {"arch": "x86_64"},
            "stats": {"io_workload": 3, "failed_builds": 2},
        },
        type(host),
    )


def test_only_what_changed(databases: Databases) -> None:
    nodes = [report(databases, node_report(n)) for n in range(1, 6)]
    before = newest(databases)
    assert changed(databases, before).hosts == []
    consumer = ids.new_uuid()
    steps = [
        lambda tx: allocations.claim(tx, consumer, nodes[1].node_uuid, SMALL),
        lambda tx: allocations.release(tx, consumer),
        lambda tx: providers.touch(tx, ["host2"]),
        lambda tx: providers.set_service(
            tx, "host2", up=False, disabled=True, disabled_reason="why"
        ),
    ]
    for step in steps:
        before = newest(databases)
        with databases.api() as tx:
            step(tx)
        found = changed(databases, before)
        assert [host.host for host in found.hosts] == ["host2"]
        assert found.generation >= before
        assert not found.full
    assert (found.hosts[0].up, found.hosts[0].disabled) == (False, True)
    assert found.hosts[0].disabled_reason == "why"


def test_what_did_not_change_is_not_written(databases: Databases) -> None:
    report(databases, node_report())
    before = newest(databases)
    for expected in (True, False):
        with databases.api() as tx:
            state = {"up": True, "disabled": True, "disabled_reason": "x"}
            assert providers.set_service(tx, "host1", **state) is expected
        if expected:
            assert len(changed(databases, before).hosts) == 1
            before = newest(databases)
    assert changed(databases, before).hosts == []
    with databases.read_api() as tx:
        assert providers.not_plain(tx) == {
            "host1": providers.NotPlain(up=True, disabled=True, disabled_reason="x")
        }


def test_removed_hosts_are_told(databases: Databases) -> None:
    nodes = [report(databases, node_report(n)) for n in (1, 2)]
    before = newest(databases)
    with databases.api() as tx:
        providers.remove(tx, "host1")
    found = changed(databases, before)
    assert (found.hosts, found.removed) == ([], [nodes[0].node_uuid])
    everything = changed(databases, 0)
    assert [host.host for host in everything.hosts] == ["host2"]
    assert everything.removed == []


def test_a_clock_set_back_gives_all(databases: Databases) -> None:
    report(databases, node_report())
    future = changed(databases, 0).generation + 10 * 60 * 1_000_000
    found = changed(databases, future)
    assert found.full
    assert len(found.hosts) == 1
