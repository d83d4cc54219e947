# SPDX-License-Identifier: Apache-2.0
"""Servers that are put on the shelf, lose their host, and come back."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from nova_lite.base import clock
from nova_lite.base.context import service_context
from nova_lite.conductor.periodic import Jobs
from nova_lite.db.api import aggregates, allocations, request_specs
from nova_lite.db.cell import instances
from nova_lite.domain import errors, shelving
from nova_lite.domain.aggregate import Aggregate
from nova_lite.domain.instance import InstancePatch
from nova_lite.domain.states import Action, PowerState, TaskState, VmState
from tests.fixtures.conducting import ADMIN_CONTEXT, Cloud, a_context
from tests.fixtures.databases import CELL1
from tests.fixtures.hosts import Gate, fails, refuses
from tests.functional.flows.test_crashes import VOLUME


@pytest.fixture
def server(cloud: Cloud) -> str:
    return ready(cloud)


def ready(cloud: Cloud, **more: Any) -> str:
    uuid = cloud.create(**more).uuids[0]
    cloud.wait(uuid, VmState.ACTIVE)
    cloud.wait_quiet()
    return uuid


def begin(cloud: Cloud, uuid: str, action: Action, **params: Any) -> None:
    cloud.processes[0].begin_action(a_context(), uuid=uuid, action=action, params=params)


def act(cloud: Cloud, uuid: str, action: Action, **params: Any) -> None:
    begin(cloud, uuid, action, **params)
    cloud.wait_quiet()


def stays(cloud: Cloud, seconds: int = -1) -> None:
    """Shelved servers keep their host for so long (-1: for ever)."""
    cloud.conf.set_override("shelved_offload_time", seconds)


def held(cloud: Cloud, uuid: str) -> list[str]:
    """The hosts on which it holds anything."""
    with cloud.databases.read_api() as tx:
        return [a.host for a in allocations.of_nodes(tx) if a.consumer_uuid == uuid]


def test_a_shelved_server_gives_up_its_host(cloud: Cloud, server: str) -> None:
    before = cloud.get(server)
    act(cloud, server, Action.SHELVE)
    found = cloud.get(server)
    assert (found.vm_state, found.host, found.node) == (VmState.SHELVED_OFFLOADED, None, None)
    assert found.power_state is PowerState.SHUTDOWN
    assert found.vifs == before.vifs, "its addresses are kept"
    assert [port.host for _, port in cloud.network.ports.items()] == [None]
    assert held(cloud, server) == [] and server not in cloud.hosts.guests()
    image = cloud.deps.image.get(a_context(), shelving.image_of(found) or "")
    assert (image.name, image.status) == ("server-shelved", "active")
    assert image.properties["image_type"] == "snapshot"
    assert found.system_metadata["shelved_host"] == before.host
    assert cloud.findings() == []


def test_it_comes_back_with_its_addresses_and_its_disk(cloud: Cloud, server: str) -> None:
    vifs = cloud.get(server).vifs
    act(cloud, server, Action.SHELVE)
    image_id = shelving.image_of(cloud.get(server))
    act(cloud, server, Action.UNSHELVE)
    found = cloud.get(server)
    assert (found.vm_state, found.power_state) == (VmState.ACTIVE, PowerState.RUNNING)
    assert [vif.port_id for vif in found.vifs] == [vif.port_id for vif in vifs]
    assert held(cloud, server) == [found.host]
    assert cloud.hosts.built_of[server] == image_id
    assert found.image_ref != image_id, "it is a server of the image that it was made of"
    with pytest.raises(errors.ImageNotFound):
        cloud.deps.image.get(a_context(), image_id or "")
    assert shelving.image_of(found) is None
    assert cloud.findings() == []


def test_states_are_those_that_users_know(cloud: Cloud, server: str) -> None:
    seen: list[TaskState | None] = []
    note = lambda host: seen.append(cloud.get(server).task_state)  # noqa: E731
    for method in ("stop", "take_snapshot", "upload_snapshot", "destroy", "build"):
        cloud.hosts.script(method, note)
    act(cloud, server, Action.SHELVE)
    act(cloud, server, Action.UNSHELVE)
    assert seen == [
        TaskState.SHELVING,
        TaskState.SHELVING,
        TaskState.SHELVING_IMAGE_UPLOADING,
        TaskState.SHELVING_OFFLOADING,
        TaskState.SPAWNING,
    ]


def test_one_that_keeps_its_host_is_started_there(cloud: Cloud, server: str) -> None:
    stays(cloud)
    host = cloud.get(server).host
    act(cloud, server, Action.SHELVE)
    found = cloud.get(server)
    assert (found.vm_state, found.host) == (VmState.SHELVED, host)
    assert held(cloud, server) == [host]
    built = cloud.hosts.calls("build")
    act(cloud, server, Action.UNSHELVE)
    found = cloud.get(server)
    assert (found.vm_state, found.host) == (VmState.ACTIVE, host)
    assert cloud.hosts.calls("build") == built
    assert cloud.findings() == []


def test_an_offload_on_demand(cloud: Cloud, server: str) -> None:
    stays(cloud)
    act(cloud, server, Action.SHELVE)
    act(cloud, server, Action.SHELVE_OFFLOAD)
    found = cloud.get(server)
    assert (found.vm_state, found.host) == (VmState.SHELVED_OFFLOADED, None)
    assert held(cloud, server) == []
    with pytest.raises(errors.InstanceStateConflict, match="shelveOffload"):
        begin(cloud, server, Action.SHELVE_OFFLOAD)


def test_an_offload_in_time(cloud: Cloud, server: str) -> None:
    stays(cloud, 3600)
    act(cloud, server, Action.SHELVE)
    conducting = cloud.processes[0].conducting
    jobs = Jobs(cloud.deps, conducting.runner, conducting.actions, conducting.auditor)
    jobs.offload(service_context())
    cloud.wait_quiet()
    assert cloud.get(server).vm_state is VmState.SHELVED
    mark = shelving.Mark(at=clock.now() - timedelta(hours=2), image_id="i", host="h")
    metadata = shelving.marked(cloud.get(server).system_metadata, mark)
    with cloud.databases.cell(CELL1) as tx:
        instances.patch(tx, [server], InstancePatch(system_metadata=metadata))
    jobs.offload(service_context())
    cloud.wait_quiet()
    assert cloud.get(server).vm_state is VmState.SHELVED_OFFLOADED


@pytest.mark.parametrize("action", [Action.STOP, Action.PAUSE, Action.SUSPEND])
def test_servers_that_do_not_run_are_shelved_too(cloud: Cloud, server: str, action: Action) -> None:
    act(cloud, server, action)
    act(cloud, server, Action.SHELVE)
    assert cloud.get(server).vm_state is VmState.SHELVED_OFFLOADED
    act(cloud, server, Action.UNSHELVE)
    assert cloud.get(server).vm_state is VmState.ACTIVE
    assert cloud.findings() == []


# --- what fails ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "state", "power"),
    [
        (None, VmState.ACTIVE, PowerState.RUNNING),
        (Action.PAUSE, VmState.PAUSED, PowerState.PAUSED),
        (Action.STOP, VmState.STOPPED, PowerState.SHUTDOWN),
    ],
)
@pytest.mark.parametrize("step", ["stop", "take_snapshot", "upload_snapshot"])
def test_a_server_that_cannot_be_shelved_is_as_before(
    cloud: Cloud,
    server: str,
    step: str,
    before: Action | None,
    state: VmState,
    power: PowerState,
) -> None:
    if before is not None:
        act(cloud, server, before)
    cloud.hosts.script(step, refuses)
    act(cloud, server, Action.SHELVE)
    found = cloud.get(server)
    assert (found.vm_state, found.task_state, found.power_state) == (state, None, power)
    assert cloud.hosts.all[found.host or ""].guests[server] is power
    assert cloud.deps.image.list(a_context(), properties={"instance_uuid": server}) == []
    assert cloud.findings() == []


def test_a_host_that_is_down_is_told_at_once(cloud: Cloud, server: str) -> None:
    stays(cloud)
    act(cloud, server, Action.SHELVE)
    process, host = cloud.processes[0], cloud.get(server).host
    (service,) = process.list_services(service_context(), host=host, binary="nova-compute")
    process.update_service(service_context(), uuid=service.uuid, forced_down=True)
    with pytest.raises(errors.HostUnavailable):
        begin(cloud, server, Action.UNSHELVE)
    assert cloud.get(server).vm_state is VmState.SHELVED


def test_an_offload_that_fails_leaves_it_shelved(cloud: Cloud, server: str) -> None:
    cloud.hosts.script("destroy", refuses)
    act(cloud, server, Action.SHELVE)
    found = cloud.get(server)
    assert (found.vm_state, found.task_state) == (VmState.SHELVED, None)
    assert found.host is not None and held(cloud, server) == [found.host]
    assert shelving.image_of(found)
    act(cloud, server, Action.SHELVE_OFFLOAD)
    assert cloud.get(server).vm_state is VmState.SHELVED_OFFLOADED
    assert cloud.findings() == []


def test_another_host_is_tried(cloud: Cloud, server: str) -> None:
    act(cloud, server, Action.SHELVE)
    cloud.hosts.script("build", fails)
    act(cloud, server, Action.UNSHELVE)
    found = cloud.get(server)
    assert (found.vm_state, held(cloud, server)) == (VmState.ACTIVE, [found.host])
    assert cloud.findings() == []


def test_where_no_host_can_it_stays_on_the_shelf(cloud: Cloud, server: str) -> None:
    act(cloud, server, Action.SHELVE)
    cloud.hosts.script("build", *[fails] * 10)
    act(cloud, server, Action.UNSHELVE)
    found = cloud.get(server)
    assert (found.vm_state, found.task_state) == (VmState.SHELVED_OFFLOADED, None)
    assert (found.host, held(cloud, server)) == (None, [])
    assert cloud.deps.image.get(a_context(), shelving.image_of(found) or "").status == "active"
    cloud.hosts.scripts["build"].clear()
    act(cloud, server, Action.UNSHELVE)
    assert cloud.get(server).vm_state is VmState.ACTIVE
    assert cloud.findings() == []


def test_an_image_that_cannot_be_deleted_is_left(cloud: Cloud, server: str) -> None:
    act(cloud, server, Action.SHELVE)
    image_id = shelving.image_of(cloud.get(server)) or ""
    cloud.deps.image.update(service_context(), image_id, {"protected": True})
    act(cloud, server, Action.UNSHELVE)
    assert cloud.get(server).vm_state is VmState.ACTIVE
    assert cloud.deps.image.get(a_context(), image_id).status == "active"


@pytest.mark.parametrize("kept", [False, True])
def test_a_deleted_server_takes_its_image_along(cloud: Cloud, server: str, kept: bool) -> None:
    if kept:
        stays(cloud)
    act(cloud, server, Action.SHELVE)
    image_id = shelving.image_of(cloud.get(server)) or ""
    act(cloud, server, Action.DELETE)
    with pytest.raises(errors.ImageNotFound):
        cloud.deps.image.get(a_context(), image_id)
    assert cloud.findings() == []


def test_a_deletion_while_it_comes_back(cloud: Cloud, server: str) -> None:
    act(cloud, server, Action.SHELVE)
    image_id = shelving.image_of(cloud.get(server)) or ""
    gate = Gate()
    cloud.hosts.script("build", gate)
    begin(cloud, server, Action.UNSHELVE)
    assert gate.reached.wait(20)
    begin(cloud, server, Action.DELETE)
    gate.open.set()
    cloud.wait_quiet()
    assert server not in cloud.hosts.guests() and held(cloud, server) == []
    with pytest.raises(errors.ImageNotFound):
        cloud.deps.image.get(a_context(), image_id)
    assert cloud.findings() == []


# --- whose it is, and where it may go ------------------------------------------------------------


def test_an_image_made_by_an_administrator_is_the_owners(cloud: Cloud, server: str) -> None:
    begin_action = cloud.processes[0].begin_action
    begin_action(ADMIN_CONTEXT, uuid=server, action=Action.SHELVE, params={})
    cloud.wait_quiet()
    act(cloud, server, Action.UNSHELVE)
    assert cloud.get(server).vm_state is VmState.ACTIVE


def test_volumes_stay_with_the_server(cloud: Cloud) -> None:
    uuid = ready(cloud, block_devices=[VOLUME])
    (volume,) = [d.volume_id for d in cloud.get(uuid).block_devices if d.volume_id]
    act(cloud, uuid, Action.SHELVE)
    with pytest.raises(errors.Invalid):
        cloud.volumes.reserve(a_context(), volume, "another")
    act(cloud, uuid, Action.UNSHELVE)
    assert cloud.volumes.get(a_context(), volume).status == "in-use"
    assert cloud.findings() == []


def test_a_server_on_a_volume_needs_no_image(cloud: Cloud) -> None:
    stays(cloud)
    uuid = ready(cloud, image_ref=None, block_devices=[replace(VOLUME, boot_index=0)])
    act(cloud, uuid, Action.SHELVE)
    found = cloud.get(uuid)
    assert found.vm_state is VmState.SHELVED_OFFLOADED, "there is nothing to wait for"
    assert shelving.image_of(found) is None and cloud.hosts.calls("take_snapshot") == 0
    act(cloud, uuid, Action.UNSHELVE)
    assert cloud.get(uuid).vm_state is VmState.ACTIVE


@pytest.fixture
def zones(cloud: Cloud) -> Iterator[None]:
    """node1 is in a, node2 in b."""
    with cloud.databases.api() as tx:
        for number, name in ((1, "a"), (2, "b")):
            made = Aggregate(
                id=0,
                uuid=f"00000000-0000-4000-8000-00000000000{number}",
                name=name,
                metadata={"availability_zone": name},
            )
            made = replace(made, id=aggregates.create(tx, made))
            aggregates.update(tx, made, replace(made, hosts=[f"node{number}"]))
    yield


def test_to_a_zone_and_to_a_host(cloud: Cloud, server: str, zones: None) -> None:
    act(cloud, server, Action.SHELVE)
    act(cloud, server, Action.UNSHELVE, availability_zone="b")
    asked = cloud.scheduler.requests[-1].spec
    assert (asked.availability_zone, asked.requested_host) == ("b", None)
    assert cloud.get(server).pinned_availability_zone == "b"
    with cloud.databases.read_api() as tx:
        kept = request_specs.get(tx, server)
    assert kept is not None and kept.availability_zone == "b"

    act(cloud, server, Action.SHELVE)
    with pytest.raises(errors.Conflict, match="not in the availability zone"):
        begin(cloud, server, Action.UNSHELVE, host="node1")
    act(cloud, server, Action.UNSHELVE, host="node2")
    asked = cloud.scheduler.requests[-1].spec
    assert (asked.availability_zone, asked.requested_host) == ("b", "node2")
    with cloud.databases.read_api() as tx:
        kept = request_specs.get(tx, server)
    assert kept is not None and kept.requested_host is None, "for this once"

    act(cloud, server, Action.SHELVE)
    act(cloud, server, Action.UNSHELVE, availability_zone=None, host="node1")
    asked = cloud.scheduler.requests[-1].spec
    assert (asked.availability_zone, asked.requested_host) == (None, "node1")
    assert cloud.get(server).pinned_availability_zone is None


def test_where_it_cannot_go(cloud: Cloud, server: str, zones: None) -> None:
    stays(cloud)
    act(cloud, server, Action.SHELVE)
    with pytest.raises(errors.Conflict, match="SHELVED_OFFLOADED"):
        begin(cloud, server, Action.UNSHELVE, availability_zone="a")
    act(cloud, server, Action.SHELVE_OFFLOAD)
    with pytest.raises(errors.Invalid, match="zone is not available"):
        begin(cloud, server, Action.UNSHELVE, availability_zone="c")
    with pytest.raises(errors.Invalid, match="could not be found"):
        begin(cloud, server, Action.UNSHELVE, host="node9")
    with pytest.raises(errors.Conflict, match="not in the availability zone"):
        begin(cloud, server, Action.UNSHELVE, availability_zone="a", host="node2")


def test_the_host_is_forced_only_once(cloud: Cloud) -> None:
    uuid = ready(cloud, forced_host="node1")
    act(cloud, uuid, Action.SHELVE)
    act(cloud, uuid, Action.UNSHELVE)
    assert cloud.scheduler.requests[-1].spec.forced_host is None


def test_twice_is_once_too_often(cloud: Cloud, server: str) -> None:
    act(cloud, server, Action.SHELVE)
    with pytest.raises(errors.InstanceStateConflict, match="shelve"):
        begin(cloud, server, Action.SHELVE)
