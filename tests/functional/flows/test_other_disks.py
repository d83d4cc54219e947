# SPDX-License-Identifier: Apache-2.0
"""Rescue and rebuild: from every state, and what is left when they fail."""

import pytest

from nova_lite.backends.image.fake import FAKE_IMAGE_ID
from nova_lite.conductor.flows.rescue import rescued_at
from nova_lite.db.api import request_specs
from nova_lite.db.cell import instances
from nova_lite.domain import errors, lifecycle
from nova_lite.domain.instance import InstancePatch
from nova_lite.domain.request import RebuildServer
from nova_lite.domain.states import Action, PowerState, TaskState, VmState
from tests.fixtures.conducting import Cloud, a_context
from tests.fixtures.databases import CELL1
from tests.fixtures.hosts import Host, fails, refuses

A, V = Action, VmState


@pytest.fixture
def uuid(cloud: Cloud) -> str:
    made = cloud.create().uuids[0]
    cloud.wait(made, V.ACTIVE)
    cloud.wait_quiet()
    return made


def put(cloud: Cloud, uuid: str, vm_state: VmState, task: TaskState | None = None) -> None:
    """As if something had brought the server there."""
    patch = InstancePatch(vm_state=vm_state, task_state=task)
    cloud.databases.run_cell(CELL1, lambda tx: instances.patch(tx, [uuid], patch))


def begin(cloud: Cloud, uuid: str, action: Action, image: str = FAKE_IMAGE_ID) -> None:
    process = cloud.processes[0]
    if action is A.REBUILD:
        request = RebuildServer(image_ref=image)
        process.rebuild_server(a_context(), uuid=uuid, request=request)
    else:
        process.begin_action(a_context(), uuid=uuid, action=action, params={})


@pytest.mark.parametrize("vm_state", [s for s in V if s is not V.DELETED])
@pytest.mark.parametrize("action", [A.RESCUE, A.UNRESCUE, A.REBUILD])
def test_from_every_state(cloud: Cloud, uuid: str, action: Action, vm_state: VmState) -> None:
    """Begun or refused, as the table of the life cycle says, and at the end where it says."""
    put(cloud, uuid, vm_state)
    rule = lifecycle.BY_ACTION[action]
    if rule.vm is not None and vm_state in rule.vm:
        begin(cloud, uuid, action)
        ended = cloud.wait(uuid, lifecycle.succeeded(action, vm_state))
        off = action is A.REBUILD and vm_state is V.STOPPED
        assert ended.power_state is (PowerState.SHUTDOWN if off else PowerState.RUNNING)
        assert (rescued_at(ended) is not None) == (action is A.RESCUE)
        return
    with pytest.raises(errors.InstanceStateConflict):
        begin(cloud, uuid, action)
    assert cloud.get(uuid).vm_state is vm_state and not cloud.runs()


@pytest.mark.parametrize("action", [A.RESCUE, A.REBUILD])
def test_refused_while_something_else_is_done(cloud: Cloud, uuid: str, action: Action) -> None:
    for task in TaskState:
        put(cloud, uuid, V.ACTIVE, task)
        with pytest.raises(errors.InstanceStateConflict):
            begin(cloud, uuid, action)


@pytest.mark.parametrize(
    ("before", "ends"), [(V.ACTIVE, V.ACTIVE), (V.STOPPED, V.STOPPED), (V.ERROR, V.ERROR)]
)
def test_a_rescue_that_fails_leaves_the_server_as_it_was(
    cloud: Cloud, uuid: str, before: VmState, ends: VmState
) -> None:
    if before is V.STOPPED:
        begin(cloud, uuid, A.STOP)
        cloud.wait(uuid, V.STOPPED)
    put(cloud, uuid, before)
    cloud.hosts.script("rescue", refuses)
    begin(cloud, uuid, A.RESCUE)
    cloud.wait_quiet()
    server = cloud.get(uuid)
    assert (server.vm_state, server.task_state) == (ends, None)
    assert cloud.hosts.calls("unrescue") == 1


def test_an_unrescue_that_fails_can_be_mended_by_a_hard_reboot(cloud: Cloud, uuid: str) -> None:
    begin(cloud, uuid, A.RESCUE)
    cloud.wait(uuid, V.RESCUED)
    cloud.wait_quiet()
    cloud.hosts.script("unrescue", refuses)
    begin(cloud, uuid, A.UNRESCUE)
    assert cloud.wait(uuid, V.ERROR).fault is not None
    cloud.wait_quiet()
    begin(cloud, uuid, A.REBOOT_HARD)
    cloud.wait(uuid, V.ACTIVE)


def test_a_host_that_is_away_is_waited_for(cloud: Cloud, uuid: str) -> None:
    host = cloud.get(uuid).host or ""
    cloud.hosts.kill(host)
    begin(cloud, uuid, A.RESCUE)
    assert cloud.get(uuid).task_state is TaskState.RESCUING
    cloud.hosts.revive(host)
    cloud.processes[0].runner.wake(host=host)
    cloud.wait(uuid, V.RESCUED)


@pytest.mark.parametrize("method", ["cache_image", "rebuild"])
def test_a_rebuild_that_fails_tells_of_which_image_the_guest_is(
    cloud: Cloud, uuid: str, method: str
) -> None:
    cloud.hosts.script(method, refuses if method == "cache_image" else fails)
    image = cloud.another_image()
    begin(cloud, uuid, A.REBUILD, image)
    server = cloud.wait(uuid, V.ERROR)
    assert cloud.findings() == []
    assert server.image_ref == (FAKE_IMAGE_ID if method == "cache_image" else image)
    assert ("os_type" in server.image_properties) == (method == "rebuild")
    cloud.wait_quiet()
    begin(cloud, uuid, A.REBUILD, image)
    assert cloud.wait(uuid, V.ACTIVE).image_ref == image


def aborts(host: Host) -> None:
    raise errors.BuildAborted(instance_id="", reason="it wishes what cannot be had")


def test_a_host_that_refuses_has_not_touched_the_guest(cloud: Cloud, uuid: str) -> None:
    cloud.hosts.script("rebuild", aborts)
    begin(cloud, uuid, A.REBUILD, cloud.another_image())
    server = cloud.wait(uuid, V.ERROR)
    assert server.image_ref == FAKE_IMAGE_ID
    with cloud.databases.read_api() as tx:
        spec = request_specs.get(tx, uuid)
    assert spec is not None and spec.image_properties == server.image_properties


def test_a_rescued_server_is_deleted(cloud: Cloud, uuid: str) -> None:
    begin(cloud, uuid, A.RESCUE)
    cloud.wait(uuid, V.RESCUED)
    begin(cloud, uuid, A.DELETE)
    cloud.wait_quiet()
    assert uuid not in cloud.hosts.guests()
    assert cloud.findings() == []
