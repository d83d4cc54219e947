# SPDX-License-Identifier: Apache-2.0
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from nova_lite.base import clock
from nova_lite.base.context import service_context
from nova_lite.conductor.periodic import Jobs
from nova_lite.db.api import models as api_models
from nova_lite.db.api import quotas
from nova_lite.db.cell import instances
from nova_lite.domain import errors
from nova_lite.domain.events import ActionQuery
from nova_lite.domain.instance import InstancePatch, InstanceQuery
from nova_lite.domain.states import Action, PowerState, TaskState, VmState
from tests.fixtures.conducting import ADMIN_CONTEXT, PROJECT, Cloud, Process, a_context
from tests.fixtures.databases import CELL1
from tests.fixtures.hosts import Gate
from tests.fixtures.wait import wait_for


def begin(cloud: Cloud, uuid: str, action: Action, **params: object) -> None:
    cloud.processes[0].begin_action(a_context(), uuid=uuid, action=action, params=params)


def active(cloud: Cloud, **more: object) -> str:
    uuid = cloud.create(**more).uuids[0]
    cloud.wait(uuid, VmState.ACTIVE)
    return uuid


def used(cloud: Cloud) -> dict[str, int]:
    with cloud.databases.read_api() as tx:
        return quotas.usage(tx, PROJECT)


def test_a_deleted_server_leaves_nothing(cloud: Cloud) -> None:
    uuid = active(cloud)
    assert used(cloud) == {"instances": 1, "cores": 1, "ram": 512}
    begin(cloud, uuid, Action.DELETE)
    cloud.wait_quiet()
    with pytest.raises(errors.InstanceNotFound):
        cloud.get(uuid)
    assert cloud.hosts.guests() == {}
    assert cloud.ports() == 0
    assert cloud.rows(api_models.allocations, None) == []
    assert used(cloud) == {"instances": 0, "cores": 0, "ram": 0}
    assert cloud.findings() == []


def test_its_actions_can_still_be_read(cloud: Cloud) -> None:
    uuid = active(cloud)
    begin(cloud, uuid, Action.DELETE)
    cloud.wait_quiet()
    found = cloud.processes[0].list_actions(a_context(), query=ActionQuery(instance_uuid=uuid))
    assert [action.action for action in found] == ["delete", "create"]


def test_a_deleted_row_stays_for_those_who_ask_for_it(cloud: Cloud) -> None:
    uuid = active(cloud)
    begin(cloud, uuid, Action.DELETE)
    cloud.wait_quiet()
    query = InstanceQuery(project_id=None, deleted=True)
    text = cloud.processes[0].list_instances(ADMIN_CONTEXT, query=query, summary=False)
    assert uuid.encode() in bytes(text) and b'"deleted":true' in bytes(text)


def test_delete_twice(cloud: Cloud) -> None:
    uuid = active(cloud)
    gate = Gate()
    cloud.hosts.script("destroy", gate)
    begin(cloud, uuid, Action.DELETE)
    assert gate.reached.wait(10)
    begin(cloud, uuid, Action.DELETE)
    gate.open.set()
    cloud.wait_quiet()
    assert used(cloud)["instances"] == 0
    assert cloud.findings() == []


def test_delete_of_a_server_that_never_had_a_host(cloud: Cloud) -> None:
    cloud.scheduler.picks = []
    uuid = cloud.create().uuids[0]
    cloud.wait(uuid, VmState.ERROR)
    begin(cloud, uuid, Action.DELETE)
    cloud.wait_quiet()
    assert used(cloud)["instances"] == 0
    assert cloud.findings() == []


@pytest.mark.parametrize("seconds", [0.0, 1.0])
def test_delete_during_the_build(cloud: Cloud, seconds: float) -> None:
    """While the host builds; the build ends before or after the deletion gives up waiting."""
    gate = Gate()
    cloud.hosts.script("build", gate)
    uuid = cloud.create().uuids[0]
    assert gate.reached.wait(10)
    begin(cloud, uuid, Action.DELETE)
    assert cloud.get(uuid).task_state is TaskState.DELETING
    threading.Timer(seconds, gate.open.set).start()
    cloud.wait_quiet()
    with pytest.raises(errors.InstanceNotFound):
        cloud.get(uuid)
    assert cloud.findings() == []
    assert cloud.ports() == 0
    (build,) = [
        action
        for action in cloud.processes[0].list_actions(
            a_context(), query=ActionQuery(instance_uuid=uuid)
        )
        if action.action == "create"
    ]
    assert build.message == "Superseded by another action"


def test_delete_while_it_is_being_scheduled(cloud: Cloud) -> None:
    reached, go = threading.Event(), threading.Event()

    def wait(request: object) -> None:
        reached.set()
        go.wait(20)

    cloud.scheduler.before = wait
    uuid = cloud.create().uuids[0]
    assert reached.wait(10)
    begin(cloud, uuid, Action.DELETE)
    go.set()
    cloud.wait_quiet()
    assert cloud.hosts.guests() == {}
    assert cloud.findings() == []


def test_delete_at_one_conductor_while_another_builds(cloud: Cloud) -> None:
    other = cloud.process(serve=False)
    gate = Gate()
    cloud.hosts.script("build", gate)
    uuid = cloud.create(other).uuids[0]
    assert gate.reached.wait(10)
    begin(cloud, uuid, Action.DELETE)
    gate.open.set()
    cloud.wait_quiet()
    assert cloud.findings() == []


def test_delete_when_the_builder_has_died(cloud: Cloud) -> None:
    other = cloud.process(serve=False)
    gate = Gate()
    cloud.hosts.script("build", gate)
    uuid = cloud.create(other).uuids[0]
    assert gate.reached.wait(10)
    other.die()
    begin(cloud, uuid, Action.DELETE)
    heir = cloud.process(serve=False, silence=0.0)
    gate.open.set()
    wait_for(heir.runner.take_over, 10, "taking the build over")
    cloud.wait_quiet()
    assert cloud.findings() == []


def test_a_host_that_is_down_is_not_waited_for(cloud: Cloud) -> None:
    uuid = active(cloud)
    cloud.hosts.kill("node1")
    process = cloud.processes[0]
    (service,) = process.list_services(service_context(), host="node1", binary="nova-compute")
    process.update_service(service_context(), uuid=service.uuid, forced_down=True)
    begin(cloud, uuid, Action.DELETE)
    cloud.wait_quiet(10)
    with pytest.raises(errors.InstanceNotFound):
        cloud.get(uuid)
    assert cloud.rows(api_models.allocations, None) == []
    # The guest is still there; the host learns when it is back that it has to go.
    assert uuid in cloud.hosts.guests()
    cloud.hosts.revive("node1")
    assert [line.split(":")[0] for line in cloud.findings()] == ["guest_left_behind"]
    servers = process.list_host_instances(service_context(), host="node1")
    assert servers == []


def test_the_audit_removes_a_guest_that_was_left_behind(cloud: Cloud) -> None:
    uuid = active(cloud)
    begin(cloud, uuid, Action.DELETE)
    cloud.wait_quiet()
    cloud.hosts.all["node1"].guests[uuid] = PowerState.RUNNING
    auditor = cloud.processes[0].conducting.auditor
    auditor.young = timedelta(0)
    (finding,) = auditor.all()
    auditor.repair(finding)
    assert auditor.all() == []


# --- soft deletion -----------------------------------------------------------------------------


def test_soft_delete_and_restore(make_cloud: Callable[..., Cloud]) -> None:
    cloud = make_cloud(reclaim_instance_interval=3600)
    cloud.process()
    uuid = active(cloud)
    begin(cloud, uuid, Action.DELETE)
    server = cloud.wait(uuid, VmState.SOFT_DELETED)
    assert server.power_state is PowerState.SHUTDOWN
    assert not server.deleted and server.deleted_at is not None
    assert used(cloud)["instances"] == 0
    text = cloud.processes[0].list_instances(
        a_context(), query=InstanceQuery(project_id=PROJECT), summary=True
    )
    assert bytes(text) == b"[]"
    begin(cloud, uuid, Action.RESTORE)
    server = cloud.wait(uuid, VmState.ACTIVE)
    assert server.deleted_at is None
    assert used(cloud)["instances"] == 1
    cloud.wait_quiet()
    assert cloud.findings() == []


def test_restore_needs_quota(make_cloud: Callable[..., Cloud]) -> None:
    cloud = make_cloud(reclaim_instance_interval=3600, quota__instances=1)
    cloud.process()
    first = active(cloud)
    begin(cloud, first, Action.DELETE)
    cloud.wait(first, VmState.SOFT_DELETED)
    active(cloud)
    with pytest.raises(errors.OverQuota):
        begin(cloud, first, Action.RESTORE)
    assert cloud.get(first).task_state is None
    assert used(cloud)["instances"] == 1


def jobs_of(process: Process) -> Jobs:
    own = process.conducting
    return Jobs(own.deps, own.runner, own.actions, own.auditor)


def test_reclaim_deletes_for_good(make_cloud: Callable[..., Cloud]) -> None:
    cloud = make_cloud(reclaim_instance_interval=3600)
    process = cloud.process()
    uuid = active(cloud)
    begin(cloud, uuid, Action.DELETE)
    cloud.wait(uuid, VmState.SOFT_DELETED)
    jobs_of(process).reclaim(service_context())
    assert cloud.get(uuid).vm_state is VmState.SOFT_DELETED
    with cloud.databases.cell(CELL1) as tx:
        instances.patch(tx, [uuid], InstancePatch(deleted_at=clock.now() - timedelta(hours=1)))
    jobs_of(process).reclaim(service_context())
    cloud.wait_quiet()
    with pytest.raises(errors.InstanceNotFound):
        cloud.get(uuid)
    assert cloud.findings() == []


def test_a_soft_deletion_needs_a_host_and_else_is_a_hard_one(
    make_cloud: Callable[..., Cloud],
) -> None:
    cloud = make_cloud(reclaim_instance_interval=3600)
    process = cloud.process()
    uuid = active(cloud)
    cloud.hosts.kill("node1")
    (service,) = process.list_services(service_context(), host="node1", binary="nova-compute")
    process.update_service(service_context(), uuid=service.uuid, forced_down=True)
    begin(cloud, uuid, Action.DELETE)
    cloud.wait_quiet()
    with pytest.raises(errors.InstanceNotFound):
        cloud.get(uuid)


def test_force_delete_does_not_wait(make_cloud: Callable[..., Cloud]) -> None:
    cloud = make_cloud(reclaim_instance_interval=3600)
    cloud.process()
    uuid = active(cloud)
    begin(cloud, uuid, Action.FORCE_DELETE)
    cloud.wait_quiet()
    with pytest.raises(errors.InstanceNotFound):
        cloud.get(uuid)
