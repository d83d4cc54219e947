# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable
from typing import Any

import pytest

from nova_lite.base.context import service_context
from nova_lite.db.api import models as api_models
from nova_lite.db.cell import models
from nova_lite.domain import errors
from nova_lite.domain.devices import BlockDeviceWish
from nova_lite.domain.events import ActionQuery
from nova_lite.domain.instance import Instance
from nova_lite.domain.request import Reason, Selected, SelectRequest, Verdict
from nova_lite.domain.states import PowerState, TaskState, VmState
from tests.fixtures.conducting import ADMIN_CONTEXT, Cloud, a_context
from tests.fixtures.hosts import Host, fails
from tests.fixtures.wait import wait_for


def test_a_server_becomes_active(cloud: Cloud) -> None:
    created = cloud.create(name="Web 1", tags=["b", "a"], metadata={"k": "v"})
    server = cloud.wait(created.uuids[0], VmState.ACTIVE)
    assert server.power_state is PowerState.RUNNING
    assert (server.display_name, server.hostname) == ("Web 1", "web-1")
    assert (server.host, server.node, server.availability_zone) == ("node1", "node1", "nova")
    assert server.launched_at is not None
    assert server.vifs[0].fixed_ips
    assert server.guest_name == "instance-00000001"
    assert (server.tags, server.metadata) == (["a", "b"], {"k": "v"})
    assert (server.host_status, server.progress) == ("UP", 100)
    cloud.wait_quiet()
    assert cloud.hosts.guests() == {server.uuid: "node1"}


def test_its_action_tells_what_was_done(cloud: Cloud) -> None:
    uuid = cloud.create().uuids[0]
    cloud.wait(uuid, VmState.ACTIVE)
    process = cloud.processes[0]
    (action,) = process.list_actions(a_context(), query=ActionQuery(instance_uuid=uuid))
    assert (action.action, action.message) == ("create", None)
    full = process.get_action(a_context(), instance_uuid=uuid, request_id=action.request_id)
    assert [(event.event, event.result) for event in full.events] == [
        ("conductor_schedule_and_build_instances", "Success"),
        ("compute__do_build_and_run_instance", "Success"),
    ]


def test_task_states_follow_the_steps(cloud: Cloud) -> None:
    seen: list[TaskState | None] = []
    cloud.scheduler.before = lambda request: seen.append(cloud.get(request.uuids[0]).task_state)
    allocate = cloud.network.allocate

    def look(context: Any, instance: Instance, *rest: Any) -> Any:
        seen.append(cloud.get(instance.uuid).task_state)
        return allocate(context, instance, *rest)

    cloud.network.allocate = look  # type: ignore[method-assign]
    cloud.hosts.script("build", lambda host: seen.append(cloud.get(uuid[0]).task_state))
    uuid = cloud.create().uuids
    cloud.wait(uuid[0], VmState.ACTIVE)
    assert seen == [TaskState.SCHEDULING, TaskState.NETWORKING, TaskState.SPAWNING]


def test_a_host_that_cannot_build_is_left_for_another(cloud: Cloud) -> None:
    cloud.hosts.script("build", fails)
    server = cloud.wait(cloud.create().uuids[0], VmState.ACTIVE)
    assert server.host == "node2"
    assert cloud.hosts.guests() == {server.uuid: "node2"}
    cloud.wait_quiet()
    held = cloud.rows(api_models.resource_providers, None)
    assert [row["instances"] for row in held] == [0, 1]
    assert cloud.ports() == 1


def test_too_many_hosts_that_cannot_build(cloud: Cloud) -> None:
    cloud.hosts.script("build", fails, fails, fails)
    server = cloud.wait(cloud.create().uuids[0], VmState.ERROR)
    assert server.fault is not None
    assert server.fault.message.startswith("Exceeded maximum number of retries.")
    assert (server.fault.code, server.host, server.vifs) == (500, None, [])
    cloud.wait_quiet()
    assert cloud.hosts.calls("build") == 2
    assert cloud.hosts.guests() == {}
    assert cloud.rows(api_models.allocations, None) == []
    assert cloud.ports() == 0


def test_the_reason_of_the_last_host_is_read_whole(cloud: Cloud) -> None:
    """However long what is around it."""
    noise = "-blockdev " + "{...} " * 100

    def fails_for(reason: str) -> Callable[[Host], None]:
        def fail(host: Host) -> None:
            raise errors.FaultedBuild(instance_id="the-server", reason=reason)

        return fail

    last = f"cannot start: qemu-system-x86_64: {noise}: Could not open the disk: Permission denied"
    cloud.hosts.script("build", fails_for("No space left on device"), fails_for(last))
    server = cloud.wait(cloud.create().uuids[0], VmState.ERROR)
    fault = server.fault
    assert fault is not None and fault.details is not None
    assert fault.message.startswith(
        "Exceeded maximum number of retries. The last of 2 hosts failed: cannot start"
    )
    assert fault.message.endswith("Could not open the disk: Permission denied")
    assert len(fault.message) <= 255
    lines = fault.details.splitlines()
    assert lines[0] == f"Exceeded maximum number of retries. The last of 2 hosts failed: {last}"
    assert lines[1:] == [
        "node1: Build of instance the-server failed: No space left on device",
        f"node2: Build of instance the-server failed: {last}",
    ]


def test_an_aborted_build_is_not_tried_again(cloud: Cloud) -> None:
    def aborts(host: Host) -> None:
        raise errors.BuildAborted(instance_id="x", reason="the image is bad")

    cloud.hosts.script("build", aborts)
    server = cloud.wait(cloud.create().uuids[0], VmState.ERROR)
    assert server.fault is not None
    assert "the image is bad" in server.fault.message
    assert cloud.hosts.calls("build") == 1
    assert cloud.rows(api_models.allocations, None) == []


def test_no_valid_host_says_why(cloud: Cloud) -> None:
    def none(request: SelectRequest) -> Selected:
        ram = Reason(check="Ram", text="too little", wanted="4096 MiB", has="512 MiB")
        less = Reason(check="Ram", text="too little", wanted="4096 MiB", has="128 MiB")
        down = Reason(check="Compute", text="service down")
        return Selected(
            selections=[],
            considered=3,
            counts={"Compute": 1, "Ram": 2},
            verdicts=[
                Verdict(host="h1", node="h1", reason=ram),
                Verdict(host="h2", node="h2", reason=less),
                Verdict(host="h3", node="h3", reason=down),
            ],
        )

    cloud.scheduler.answer = none
    uuid = cloud.create().uuids[0]
    server = cloud.wait(uuid, VmState.ERROR)
    assert server.fault is not None
    assert server.fault.message == (
        "No valid host was found. "
        "3 hosts: 2 Ram (wanted 4096 MiB, best has 512 MiB), 1 Compute (service down)"
    )
    told = cloud.processes[0].explain(a_context(), uuid=uuid)
    assert (told.verdicts, told.counts) == ([], {"Compute": 1, "Ram": 2})
    assert [reason.has for reason in told.checks] == ["512 MiB", None]
    told = cloud.processes[0].explain(ADMIN_CONTEXT, uuid=uuid)
    assert [verdict.host for verdict in told.verdicts] == ["h1", "h2", "h3"]


def test_a_dead_host_is_left_for_another(cloud: Cloud) -> None:
    cloud.hosts.kill("node1")
    cloud.bus.faults.drop("build", times=5)
    server = cloud.wait(cloud.create().uuids[0], VmState.ACTIVE, timeout=60)
    assert server.host == "node2"


def test_claims_that_are_refused_go_to_alternates(make_cloud: Callable[..., Cloud]) -> None:
    """Room for two on each of two hosts; the scheduler knows nothing of it."""
    cloud = make_cloud(vcpus=2)
    cloud.process()
    uuids = [cloud.create().uuids[0] for _ in range(4)]
    hosts = sorted(str(cloud.wait(uuid, VmState.ACTIVE).host) for uuid in uuids)
    assert hosts == ["node1", "node1", "node2", "node2"]
    fifth = cloud.wait(cloud.create().uuids[0], VmState.ERROR)
    assert fifth.fault is not None and "No valid host" in fifth.fault.message


def test_volumes_are_made_attached_and_given_back(cloud: Cloud) -> None:
    wish = BlockDeviceWish(
        source_type="blank",
        destination_type="volume",
        volume_size=2,
        delete_on_termination=True,
    )
    server = cloud.wait(cloud.create(block_devices=[wish]).uuids[0], VmState.ACTIVE)
    (device,) = server.block_devices
    assert device.volume_id and device.attachment_id and device.connection_info
    volume = cloud.volumes.get(service_context(), device.volume_id)
    assert (volume.status, volume.size) == ("in-use", 2)
    cloud.processes[0].begin_action(a_context(), uuid=server.uuid, action="delete", params={})
    cloud.wait_quiet()
    with pytest.raises(errors.VolumeNotFound):
        cloud.volumes.get(service_context(), device.volume_id)


def test_many_servers_of_one_request(cloud: Cloud) -> None:
    created = cloud.create(name="web", min_count=5, max_count=5)
    servers = [cloud.wait(uuid, VmState.ACTIVE) for uuid in created.uuids]
    assert [server.display_name for server in servers] == [f"web-{n}" for n in range(1, 6)]
    assert [server.launch_index for server in servers] == [0, 1, 2, 3, 4]
    assert {server.reservation_id for server in servers} == {created.reservation_id}
    assert len({server.vifs[0].fixed_ips[0].address for server in servers}) == 5
    assert len(cloud.scheduler.requests) == 1
    assert {server.host for server in servers} == {"node1", "node2"}
    assert sorted(server.guest_name for server in servers) == [
        f"instance-{n:08x}" for n in range(1, 6)
    ]


def test_many_servers_where_only_some_find_room(make_cloud: Callable[..., Cloud]) -> None:
    cloud = make_cloud(vcpus=2)
    cloud.process()
    created = cloud.create(min_count=6, max_count=6)

    def settled() -> list[VmState] | None:
        found = [cloud.get(uuid) for uuid in created.uuids]
        return (
            None
            if any(s.task_state for s in found)
            else sorted(server.vm_state for server in found)
        )

    assert wait_for(settled, 30, "all to be settled") == [VmState.ACTIVE] * 4 + [VmState.ERROR] * 2
    rows = cloud.rows(api_models.inventories, None)
    assert [row["used"] for row in rows if row["resource_class"] == "VCPU"] == [2, 2]


def test_the_token_and_the_password_are_not_stored(cloud: Cloud) -> None:
    def look(host: Host) -> None:
        (run,) = cloud.rows(models.flow_runs)
        stored.append(str(run))

    stored: list[str] = []
    cloud.hosts.script("build", look)
    created = cloud.create(
        context=a_context(auth_token="token-that-is-secret"),
        admin_pass="password-that-is-secret",
    )
    cloud.wait(created.uuids[0], VmState.ACTIVE)
    assert stored and "secret" not in stored[0]
