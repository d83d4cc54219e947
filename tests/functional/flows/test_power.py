# SPDX-License-Identifier: Apache-2.0
import pytest

from nova_lite.base.context import service_context
from nova_lite.db.cell import instances
from nova_lite.domain import errors
from nova_lite.domain.events import ActionQuery
from nova_lite.domain.instance import InstancePatch
from nova_lite.domain.states import Action, PowerState, TaskState, VmState
from tests.fixtures.conducting import ADMIN_CONTEXT, Cloud, a_context
from tests.fixtures.databases import CELL1
from tests.fixtures.hosts import Gate, Host
from tests.fixtures.wait import wait_for

A, V, P = Action, VmState, PowerState


def begin(cloud: Cloud, uuid: str, action: Action, **params: object) -> None:
    cloud.processes[0].begin_action(a_context(), uuid=uuid, action=action, params=params)


@pytest.fixture
def uuid(cloud: Cloud) -> str:
    made = cloud.create().uuids[0]
    cloud.wait(made, V.ACTIVE)
    cloud.wait_quiet()
    return made


@pytest.mark.parametrize(
    ("there", "vm_state", "power", "back"),
    [
        (A.STOP, V.STOPPED, P.SHUTDOWN, A.START),
        (A.PAUSE, V.PAUSED, P.PAUSED, A.UNPAUSE),
        (A.SUSPEND, V.SUSPENDED, P.SHUTDOWN, A.RESUME),
    ],
)
def test_there_and_back(
    cloud: Cloud, uuid: str, there: Action, vm_state: VmState, power: PowerState, back: Action
) -> None:
    begin(cloud, uuid, there)
    assert cloud.wait(uuid, vm_state).power_state is power
    begin(cloud, uuid, back)
    assert cloud.wait(uuid, V.ACTIVE).power_state is P.RUNNING


@pytest.mark.parametrize("action", [A.REBOOT, A.REBOOT_HARD])
def test_reboot(cloud: Cloud, uuid: str, action: Action) -> None:
    begin(cloud, uuid, action)
    cloud.wait_quiet()
    assert cloud.get(uuid).vm_state is V.ACTIVE
    assert cloud.hosts.calls(str(action)) == 1


def test_a_wrong_state_is_refused_with_the_state(cloud: Cloud, uuid: str) -> None:
    with pytest.raises(errors.InstanceStateConflict) as refused:
        begin(cloud, uuid, A.UNPAUSE)
    assert refused.value.message == (
        f"Cannot 'unpause' instance {uuid} while it is in vm_state active"
    )


def fail(host: Host) -> None:
    raise errors.GuestOperationFailed(operation="pause", name="g1", reason="it does not want to")


def test_a_failure_brings_the_former_state_and_a_fault_back(cloud: Cloud, uuid: str) -> None:
    cloud.hosts.script("pause", fail)
    begin(cloud, uuid, A.PAUSE)
    cloud.wait(uuid, V.ACTIVE)
    (action, _) = cloud.processes[0].list_actions(
        a_context(), query=ActionQuery(instance_uuid=uuid)
    )
    assert action.message == "pause of guest g1 failed: it does not want to"
    full = cloud.processes[0].get_action(
        a_context(), instance_uuid=uuid, request_id=action.request_id
    )
    assert [event.result for event in full.events] == ["Error"]


def test_a_failed_resume_is_an_error(cloud: Cloud, uuid: str) -> None:
    begin(cloud, uuid, A.SUSPEND)
    cloud.wait(uuid, V.SUSPENDED)
    cloud.hosts.script("resume", fail)
    begin(cloud, uuid, A.RESUME)
    server = cloud.wait(uuid, V.ERROR)
    assert server.fault is not None and "does not want" in server.fault.message


def test_a_failed_reboot_of_a_running_guest_keeps_it_active(cloud: Cloud, uuid: str) -> None:
    cloud.hosts.script("reboot", fail)
    begin(cloud, uuid, A.REBOOT)
    assert cloud.wait(uuid, V.ACTIVE).power_state is P.RUNNING


def test_a_host_that_comes_back_is_asked_again(cloud: Cloud, uuid: str) -> None:
    cloud.hosts.kill("node1")
    begin(cloud, uuid, A.PAUSE)
    assert cloud.get(uuid).task_state is TaskState.PAUSING
    cloud.hosts.revive("node1")
    cloud.processes[0].host_restarted(service_context(), host="node1")
    assert cloud.wait(uuid, V.PAUSED).power_state is P.PAUSED


def test_hard_reboot_takes_over_from_what_hangs(cloud: Cloud, uuid: str) -> None:
    gate = Gate()
    cloud.hosts.script("reboot", gate)
    begin(cloud, uuid, A.REBOOT)
    assert gate.reached.wait(10)
    begin(cloud, uuid, A.REBOOT_HARD)
    cloud.wait(uuid, V.ACTIVE)
    gate.open.set()
    cloud.wait_quiet()
    assert cloud.get(uuid).vm_state is V.ACTIVE


def test_a_host_that_is_down_is_told_at_once(cloud: Cloud, uuid: str) -> None:
    (service,) = cloud.processes[0].list_services(
        service_context(), host="node1", binary="nova-compute"
    )
    cloud.processes[0].update_service(service_context(), uuid=service.uuid, forced_down=True)
    with pytest.raises(errors.HostUnavailable):
        begin(cloud, uuid, A.PAUSE)
    assert cloud.get(uuid).host_status == "DOWN"


def test_console_output(cloud: Cloud, uuid: str) -> None:
    process = cloud.processes[0]
    assert process.get_console_output(a_context(), uuid=uuid, length=10) == "login: "
    (service,) = process.list_services(service_context(), host="node1", binary="nova-compute")
    process.update_service(service_context(), uuid=service.uuid, forced_down=True)
    with pytest.raises(errors.HostUnavailable):
        process.get_console_output(a_context(), uuid=uuid, length=10)


# --- lock, reset ------------------------------------------------------------------------------


def test_lock(cloud: Cloud, uuid: str) -> None:
    begin(cloud, uuid, A.LOCK, reason="mine")
    server = cloud.get(uuid)
    assert (server.locked_by, server.locked_reason) == ("owner", "mine")
    with pytest.raises(errors.InstanceIsLocked):
        begin(cloud, uuid, A.PAUSE)
    begin(cloud, uuid, A.UNLOCK)
    assert cloud.get(uuid).locked_by is None


def test_an_administrators_lock_is_not_undone_by_the_owner(cloud: Cloud, uuid: str) -> None:
    process = cloud.processes[0]
    process.begin_action(ADMIN_CONTEXT, uuid=uuid, action=A.LOCK, params={})
    assert cloud.get(uuid).locked_by == "admin"
    begin(cloud, uuid, A.LOCK)
    assert cloud.get(uuid).locked_by == "admin"
    with pytest.raises(errors.Forbidden):
        begin(cloud, uuid, A.UNLOCK, override=False)
    process.begin_action(ADMIN_CONTEXT, uuid=uuid, action=A.UNLOCK, params={"override": True})
    assert cloud.get(uuid).locked_by is None


def test_reset_state_stops_what_was_going_on(cloud: Cloud) -> None:
    gate = Gate()
    cloud.hosts.script("build", gate)
    uuid = cloud.create().uuids[0]
    assert gate.reached.wait(10)
    cloud.processes[0].begin_action(
        ADMIN_CONTEXT, uuid=uuid, action=A.RESET_STATE, params={"state": "error"}
    )
    server = cloud.get(uuid)
    assert (server.vm_state, server.task_state) == (V.ERROR, None)
    gate.open.set()
    cloud.wait_quiet()
    assert cloud.get(uuid).vm_state is V.ERROR
    assert cloud.hosts.guests() == {}
    begin(cloud, uuid, A.DELETE)
    cloud.wait_quiet()
    assert cloud.findings() == []


# --- what hosts tell ----------------------------------------------------------------------------


def power_changed(cloud: Cloud, uuid: str, power: PowerState, host: str = "node1") -> None:
    cloud.processes[0].power_changed(service_context(), host=host, uuid=uuid, power_state=power)


def test_a_guest_that_went_off_is_stopped(cloud: Cloud, uuid: str) -> None:
    cloud.hosts.all["node1"].guests[uuid] = P.SHUTDOWN
    power_changed(cloud, uuid, P.SHUTDOWN)
    assert cloud.wait(uuid, V.STOPPED).power_state is P.SHUTDOWN


def test_a_guest_that_was_started_by_hand_is_stopped_again(cloud: Cloud, uuid: str) -> None:
    begin(cloud, uuid, A.STOP)
    cloud.wait(uuid, V.STOPPED)
    cloud.hosts.all["node1"].guests[uuid] = P.RUNNING
    power_changed(cloud, uuid, P.RUNNING)
    wait_for(lambda: cloud.hosts.all["node1"].guests[uuid] is P.SHUTDOWN, 10, "the guest to stop")
    assert cloud.wait(uuid, V.STOPPED).power_state is P.SHUTDOWN


def test_reports_of_other_hosts_and_unknown_guests_are_ignored(cloud: Cloud, uuid: str) -> None:
    power_changed(cloud, uuid, P.SHUTDOWN, host="node2")
    power_changed(cloud, "00000000-0000-4000-8000-00000000beef", P.RUNNING)
    assert cloud.get(uuid).power_state is P.RUNNING


@pytest.mark.parametrize(
    ("vm_state", "task_state", "expected"),
    [
        (V.BUILDING, TaskState.SPAWNING, V.ERROR),
        (V.ACTIVE, TaskState.POWERING_OFF, V.STOPPED),
        (V.ACTIVE, TaskState.PAUSING, V.ACTIVE),
        (V.ACTIVE, TaskState.REBOOT_STARTED, V.ACTIVE),
    ],
)
def test_a_server_that_nobody_works_on_is_put_right(
    cloud: Cloud, uuid: str, vm_state: VmState, task_state: TaskState, expected: VmState
) -> None:
    with cloud.databases.cell(CELL1) as tx:
        instances.patch(tx, [uuid], InstancePatch(vm_state=vm_state, task_state=task_state))
    cloud.processes[0].host_restarted(service_context(), host="node1")
    cloud.wait(uuid, expected)
