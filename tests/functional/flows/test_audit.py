# SPDX-License-Identifier: Apache-2.0
"""Damage of every kind is found by the audit, and repaired where it says so."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from nova_lite.base import clock
from nova_lite.base.context import service_context
from nova_lite.cmd import manage_audit
from nova_lite.conductor import periodic
from nova_lite.conductor.audit import Auditor
from nova_lite.conductor.periodic import Jobs
from nova_lite.db.api import instance_mappings, quotas
from nova_lite.db.api import models as api_models
from nova_lite.db.api.instance_mappings import InstanceMapping
from nova_lite.db.cell import flow_runs, instances, models
from nova_lite.domain.instance import InstancePatch
from nova_lite.domain.states import PowerState, TaskState, VmState
from tests.fixtures.conducting import PROJECT, USER, Cloud
from tests.fixtures.databases import CELL1
from tests.fixtures.hosts import Gate

OTHER = "00000000-0000-4000-8000-00000000beef"


@pytest.fixture
def uuid(cloud: Cloud) -> str:
    made = cloud.create().uuids[0]
    cloud.wait(made, VmState.ACTIVE)
    cloud.wait_quiet()
    return made


@pytest.fixture
def auditor(cloud: Cloud) -> Auditor:
    made = cloud.processes[0].conducting.auditor
    made.young = timedelta(0)
    return made


def orphan_mapping(cloud: Cloud, uuid: str) -> None:
    cell = cloud.databases.get_cell(CELL1)
    mapping = InstanceMapping(
        instance_uuid=OTHER,
        cell=CELL1,
        project_id=PROJECT,
        user_id=USER,
        cores=1,
        ram=512,
        created_at=clock.now() - timedelta(hours=2),
    )
    with cloud.databases.api() as tx:
        instance_mappings.create(tx, cell, [mapping])
        quotas.consume(tx, PROJECT, mapping.amounts, {})


def deleted_row(cloud: Cloud, uuid: str) -> None:
    with cloud.databases.cell(CELL1) as tx:
        instances.soft_delete(tx, uuid)


def queued_mapping(cloud: Cloud, uuid: str) -> None:
    with cloud.databases.api() as tx:
        mapping = instance_mappings.mark_deleted(tx, uuid)
        assert mapping is not None
        quotas.release(tx, PROJECT, mapping.amounts)


def busy_row(cloud: Cloud, uuid: str) -> None:
    with cloud.databases.cell(CELL1) as tx:
        instances.patch(tx, [uuid], InstancePatch(task_state=TaskState.PAUSING))


def usage_drift(cloud: Cloud, uuid: str) -> None:
    with cloud.databases.api() as tx:
        quotas.consume(tx, PROJECT, {"instances": 3, "cores": 3, "ram": 3}, {})


def miscounted_node(cloud: Cloud, uuid: str) -> None:
    with cloud.databases.api() as tx:
        tx.execute(sa.update(api_models.inventories).values(used=7))


def run_of_nobody(cloud: Cloud, uuid: str) -> None:
    gate = Gate()
    cloud.hosts.script("build", gate)
    victim = cloud.process(serve=False)
    cloud.create(victim)
    assert gate.reached.wait(10)
    victim.die()
    with cloud.databases.cell(CELL1) as tx:
        tx.execute(sa.update(models.flow_runs).values(instance_uuid=OTHER, owner="somebody"))
        flow_runs.beat(tx, "somebody")
    gate.open.set()


def forgotten_guest(cloud: Cloud, uuid: str) -> None:
    cloud.hosts.all["node2"].guests[uuid] = PowerState.RUNNING


def lost_guest(cloud: Cloud, uuid: str) -> None:
    del cloud.hosts.all["node1"].guests[uuid]


DAMAGE: dict[str, tuple[Callable[[Cloud, str], None], set[str]]] = {
    "mapping without row": (orphan_mapping, {"mapping_without_row"}),
    "deleted row that counts": (
        deleted_row,
        {"mapping_of_deleted", "allocation_orphan", "guest_left_behind"},
    ),
    "row that does not count": (queued_mapping, {"deletion_unfinished"}),
    "busy without run": (busy_row, {"busy_without_run"}),
    "quota drift": (usage_drift, {"quota_drift"}),
    "miscounted node": (miscounted_node, {"node_miscount"}),
    "forgotten guest": (forgotten_guest, {"guest_left_behind"}),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_found_and_repaired(cloud: Cloud, auditor: Auditor, uuid: str, name: str) -> None:
    damage, kinds = DAMAGE[name]
    assert auditor.all() == []
    damage(cloud, uuid)
    found = auditor.all()
    assert {finding.kind for finding in found} == kinds
    assert all(finding.repairable for finding in found)
    for finding in found:
        auditor.repair(finding)
    cloud.wait_quiet()
    assert auditor.all() == []


def test_a_lost_guest_is_found(cloud: Cloud, auditor: Auditor, uuid: str) -> None:
    lost_guest(cloud, uuid)
    (finding,) = auditor.all()
    assert (finding.kind, finding.subject, finding.repairable) == ("guest_missing", uuid, False)


def test_a_run_for_nobody_is_found_and_dropped(cloud: Cloud, auditor: Auditor, uuid: str) -> None:
    run_of_nobody(cloud, uuid)
    found = {finding.kind: finding for finding in auditor.databases()}
    assert "run_without_server" in found
    auditor.repair(found["run_without_server"])
    with cloud.databases.read_cell(CELL1) as tx:
        assert flow_runs.instances(tx) == {}


def test_what_is_under_way_is_no_finding(cloud: Cloud, auditor: Auditor) -> None:
    gate = Gate()
    cloud.hosts.script("build", gate)
    cloud.create()
    assert gate.reached.wait(10)
    assert auditor.all() == []
    gate.open.set()
    cloud.wait_quiet()


def test_a_silent_host_is_named(cloud: Cloud, auditor: Auditor, uuid: str) -> None:
    cloud.hosts.kill("node1")
    cloud.bus.faults.drop("list_guests")
    auditor.guest_timeout = 0.2
    found = auditor.all()
    assert [finding.kind for finding in found] == ["host_silent"]


def test_the_periodic_job_repairs_what_it_sees_twice(
    cloud: Cloud, auditor: Auditor, uuid: str
) -> None:
    own = cloud.processes[0].conducting
    jobs = Jobs(own.deps, own.runner, own.actions, auditor)
    orphan_mapping(cloud, uuid)
    jobs.quick(service_context())
    assert [finding.kind for finding in auditor.quick()] == ["mapping_without_row"]
    jobs.quick(service_context())
    assert auditor.quick() == []
    assert auditor.databases() == []


def test_the_long_job_repairs_what_stays(
    cloud: Cloud, auditor: Auditor, uuid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Five seconds between the two looks are right for a cloud, and long for a test.
    monkeypatch.setattr(periodic, "SETTLE", 0.1)
    own = cloud.processes[0].conducting
    jobs = Jobs(own.deps, own.runner, own.actions, auditor)
    usage_drift(cloud, uuid)
    jobs.reconcile(service_context())
    assert auditor.databases() == []


def test_one_of_several_conductors_leads(cloud: Cloud) -> None:
    cloud.process(serve=False)
    cell = cloud.databases.get_cell(CELL1)
    leads = [process.runner.leads(cell) for process in cloud.processes]
    assert sorted(leads) == [False, True]


def test_tables_and_json(cloud: Cloud, auditor: Auditor, uuid: str) -> None:
    usage_drift(cloud, uuid)
    found = auditor.databases()
    assert "quota_drift" in manage_audit.shown(found, "table")
    assert '"kind":"quota_drift"' in manage_audit.shown(found, "json")
    assert manage_audit.shown([], "json") == "[]"
    assert manage_audit.shown([], "table") == "Everything fits together."


def test_two_looks(cloud: Cloud, auditor: Auditor, uuid: str) -> None:
    usage_drift(cloud, uuid)
    found = manage_audit.look(auditor, hosts=True)
    assert [finding.kind for finding in found] == ["quota_drift"]
    manage_audit.repair(auditor, found)
    assert manage_audit.look(auditor, hosts=True) == []
