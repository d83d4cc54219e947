# SPDX-License-Identifier: Apache-2.0
"""A conductor dies before and after every step of every flow; another one takes over.

Whatever the moment, the server ends in a stable state, and nothing leaks: the audit, which
compares rows, mappings, quota, allocations and guests, finds nothing.
"""

import threading
import uuid as uuid_module
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from nova_lite.backends.image.fake import FAKE_IMAGE_ID
from nova_lite.base.context import service_context
from nova_lite.conductor.flows import FLOWS
from nova_lite.conductor.run import Run
from nova_lite.db.api import request_specs
from nova_lite.db.cell import models
from nova_lite.domain.devices import BlockDeviceWish
from nova_lite.domain.errors import InstanceNotFound
from nova_lite.domain.request import RebuildServer, RequestSpec
from nova_lite.domain.states import Action, VmState
from tests.fixtures.conducting import Cloud, Process, a_context
from tests.fixtures.hosts import Gate, Host, fails, refuses
from tests.fixtures.wait import wait_for

VOLUME = BlockDeviceWish(
    source_type="blank", destination_type="volume", volume_size=1, delete_on_termination=True
)


class Crash(BaseException):
    """The process is gone: nobody catches this."""


@dataclass
class Probe:
    """Dies at point number `at` (from 0); counts them all."""

    at: int | None = None
    met: list[str] = field(default_factory=list)
    crashed: threading.Event = field(default_factory=threading.Event)

    def __call__(self, point: str, run: Run, step: str) -> None:
        if self.crashed.is_set():
            raise Crash
        self.met.append(f"{point} {run.flow.name} {step}")
        if self.at is not None and len(self.met) > self.at:
            self.crashed.set()
            raise Crash


# --- scenarios: what is begun at a conductor; what has to be true at the end ---------------------

Scenario = Callable[[Cloud, Process], str]
Script = Callable[[Host], None] | None


def plain_build(cloud: Cloud, process: Process) -> str:
    return cloud.create(process).uuids[0]


def build_with_volume(cloud: Cloud, process: Process) -> str:
    return cloud.create(process, block_devices=[VOLUME]).uuids[0]


def build_on_second_host(cloud: Cloud, process: Process) -> str:
    cloud.hosts.scripts["build"].clear()
    cloud.hosts.script("build", fails)
    return cloud.create(process, block_devices=[VOLUME]).uuids[0]


def failing_build(cloud: Cloud, process: Process) -> str:
    cloud.hosts.scripts["build"].clear()
    cloud.hosts.script("build", *[fails] * 20)
    return cloud.create(process, block_devices=[VOLUME]).uuids[0]


def _ready(cloud: Cloud, **more: object) -> str:
    """A server that was built by a conductor that does not die."""
    builder = cloud.process(serve=False)
    uuid = cloud.create(builder, **more).uuids[0]
    cloud.wait(uuid, VmState.ACTIVE)
    cloud.wait_quiet()
    builder.stop()
    return uuid


def _begin(process: Process, uuid: str, action: Action) -> None:
    process.begin_action(a_context(), uuid=uuid, action=action, params={})


def deletion(cloud: Cloud, process: Process) -> str:
    uuid = _ready(cloud, block_devices=[VOLUME])
    _begin(process, uuid, Action.DELETE)
    return uuid


def deletion_during_build(cloud: Cloud, process: Process) -> str:
    """Another conductor builds; the guest is there a moment after the deletion began."""
    gate = Gate()
    cloud.hosts.script("build", gate)
    uuid = cloud.create(cloud.processes[0]).uuids[0]
    assert gate.reached.wait(20)
    _begin(process, uuid, Action.DELETE)
    threading.Timer(0.05, gate.open.set).start()
    return uuid


def stop(cloud: Cloud, process: Process) -> str:
    uuid = _ready(cloud)
    _begin(process, uuid, Action.STOP)
    return uuid


def attaching(cloud: Cloud, process: Process) -> str:
    """One more interface, which the host takes."""
    uuid = _ready(cloud)
    params = {"wish": {}, "port_id": str(uuid_module.uuid4())}
    process.begin_action(a_context(), uuid=uuid, action=Action.ATTACH_INTERFACE, params=params)
    return uuid


def attaching_in_vain(cloud: Cloud, process: Process) -> str:
    cloud.hosts.scripts["attach_interface"].clear()
    cloud.hosts.script("attach_interface", *[refuses] * 20)
    return attaching(cloud, process)


def detaching(cloud: Cloud, process: Process) -> str:
    uuid = _ready(cloud)
    (vif,) = cloud.get(uuid).vifs
    params = {"port_id": vif.port_id}
    process.begin_action(a_context(), uuid=uuid, action=Action.DETACH_INTERFACE, params=params)
    return uuid


def new_password(cloud: Cloud, process: Process) -> str:
    uuid = _ready(cloud)
    secrets = {"admin_pass": "s3cret"}
    action = Action.CHANGE_PASSWORD
    process.begin_action(a_context(), uuid=uuid, action=action, params={}, secrets=secrets)
    return uuid


def rescue(cloud: Cloud, process: Process) -> str:
    uuid = _ready(cloud)
    _begin(process, uuid, Action.RESCUE)
    return uuid


def rescue_in_vain(cloud: Cloud, process: Process) -> str:
    cloud.hosts.scripts["rescue"].clear()
    cloud.hosts.script("rescue", *[refuses] * 20)
    return rescue(cloud, process)


def unrescue(cloud: Cloud, process: Process) -> str:
    cloud.hosts.scripts["rescue"].clear()
    helper = cloud.process(serve=False)
    uuid = rescue(cloud, helper)
    cloud.wait(uuid, VmState.RESCUED)
    cloud.wait_quiet()
    helper.stop()
    _begin(process, uuid, Action.UNRESCUE)
    return uuid


def rebuild(
    cloud: Cloud, process: Process, image: str = FAKE_IMAGE_ID, breaks: str = "", how: Script = None
) -> str:
    """Of the image that it has, or of another one; `breaks`: the call that the host refuses."""
    uuid = _ready(cloud)
    for method in ("cache_image", "rebuild"):
        cloud.hosts.scripts[method].clear()
    if how is not None:
        cloud.hosts.script(breaks, *[how] * 20)
    request = RebuildServer(image_ref=image, preserve_ephemeral=True)
    process.rebuild_server(a_context(), uuid=uuid, request=request)
    return uuid


def rebuild_of_another_image(cloud: Cloud, process: Process) -> str:
    return rebuild(cloud, process, cloud.another_image())


def rebuild_in_vain(cloud: Cloud, process: Process) -> str:
    """The host cannot have the image: the guest is not touched."""
    return rebuild(cloud, process, cloud.another_image(), "cache_image", refuses)


def rebuild_that_breaks(cloud: Cloud, process: Process) -> str:
    return rebuild(cloud, process, cloud.another_image(), "rebuild", fails)


def crash_dump(cloud: Cloud, process: Process) -> str:
    uuid = _ready(cloud)
    _begin(process, uuid, Action.TRIGGER_CRASH_DUMP)
    return uuid


def _of_image(name: str, **more: object) -> dict[str, object]:
    wish = {"image_id": str(uuid_module.uuid4()), "name": name, **more}
    return {"image": wish}


def snapshot(cloud: Cloud, process: Process) -> str:
    uuid = _ready(cloud)
    params = _of_image(f"of {uuid}")
    process.begin_action(a_context(), uuid=uuid, action=Action.CREATE_IMAGE, params=params)
    return uuid


def failing_snapshot(cloud: Cloud, process: Process) -> str:
    """The host has no room for the copy."""
    cloud.hosts.scripts["take_snapshot"].clear()
    cloud.hosts.script("take_snapshot", *[refuses] * 20)
    return snapshot(cloud, process)


def failing_upload(cloud: Cloud, process: Process) -> str:
    cloud.hosts.scripts["take_snapshot"].clear()
    cloud.hosts.scripts["upload_snapshot"].clear()
    cloud.hosts.script("upload_snapshot", *[refuses] * 20)
    return snapshot(cloud, process)


def backup(cloud: Cloud, process: Process, *, in_vain: bool = False) -> str:
    """The second one of two, of which one stays."""
    for method in ("take_snapshot", "upload_snapshot"):
        cloud.hosts.scripts[method].clear()
    uuid = _ready(cloud)
    builder = cloud.process(serve=False)
    wish = {"name": f"of {uuid}", "backup_type": "daily", "rotation": 1, "metadata": {}}
    builder.create_backup(a_context(), uuid=uuid, **wish)
    cloud.wait_quiet()
    builder.stop()
    if in_vain:
        cloud.hosts.script("take_snapshot", *[refuses] * 20)
    params = _of_image(f"of {uuid}", backup_type="daily", rotation=1)
    process.begin_action(a_context(), uuid=uuid, action=Action.CREATE_BACKUP, params=params)
    return uuid


def _shelved(cloud: Cloud, offloaded: bool) -> str:
    _on_the_host(cloud, not offloaded)
    return cloud.shelve(_ready(cloud))


def _on_the_host(cloud: Cloud, stays: bool) -> None:
    """Whether shelved servers keep their host."""
    cloud.conf.set_override("shelved_offload_time", -1 if stays else 0)
    for method in ("take_snapshot", "upload_snapshot", "build"):
        cloud.hosts.scripts[method].clear()


def shelving(cloud: Cloud, process: Process) -> str:
    _on_the_host(cloud, True)
    uuid = _ready(cloud)
    _begin(process, uuid, Action.SHELVE)
    return uuid


def shelving_away(cloud: Cloud, process: Process) -> str:
    _on_the_host(cloud, False)
    uuid = _ready(cloud)
    _begin(process, uuid, Action.SHELVE)
    return uuid


def shelving_in_vain(cloud: Cloud, process: Process) -> str:
    _on_the_host(cloud, False)
    uuid = _ready(cloud)
    cloud.hosts.script("upload_snapshot", *[refuses] * 20)
    _begin(process, uuid, Action.SHELVE)
    return uuid


def offloading(cloud: Cloud, process: Process) -> str:
    uuid = _shelved(cloud, offloaded=False)
    _begin(process, uuid, Action.SHELVE_OFFLOAD)
    return uuid


def unshelving_on_its_host(cloud: Cloud, process: Process) -> str:
    uuid = _shelved(cloud, offloaded=False)
    _begin(process, uuid, Action.UNSHELVE)
    return uuid


def unshelving(cloud: Cloud, process: Process) -> str:
    """With a volume, on the second host that is tried."""
    _on_the_host(cloud, False)
    uuid = cloud.shelve(_ready(cloud, block_devices=[VOLUME]))
    cloud.hosts.script("build", fails)
    _begin(process, uuid, Action.UNSHELVE)
    return uuid


def unshelving_in_vain(cloud: Cloud, process: Process) -> str:
    uuid = _shelved(cloud, offloaded=True)
    cloud.hosts.script("build", *[fails] * 20)
    _begin(process, uuid, Action.UNSHELVE)
    return uuid


def deleting_from_the_shelf(cloud: Cloud, process: Process) -> str:
    uuid = _shelved(cloud, offloaded=True)
    _begin(process, uuid, Action.DELETE)
    return uuid


def failing_backup(cloud: Cloud, process: Process) -> str:
    return backup(cloud, process, in_vain=True)


def soft_deletion(cloud: Cloud, process: Process) -> str:
    uuid = _ready(cloud)
    cloud.conf.set_override("reclaim_instance_interval", 1000)
    _begin(process, uuid, Action.DELETE)
    cloud.conf.set_override("reclaim_instance_interval", 0)
    return uuid


def active(cloud: Cloud, uuid: str) -> None:
    server = cloud.get(uuid)
    assert (server.vm_state, server.task_state) == (VmState.ACTIVE, None)
    assert cloud.hosts.guests()[uuid] == server.host


def in_error(cloud: Cloud, uuid: str) -> None:
    server = cloud.get(uuid)
    assert (server.vm_state, server.task_state) == (VmState.ERROR, None)
    assert server.fault is not None and "retries" in server.fault.message
    assert uuid not in cloud.hosts.guests()
    begin = cloud.processes[0].begin_action
    begin(a_context(), uuid=uuid, action=Action.DELETE, params={})
    cloud.wait_quiet()


def gone(cloud: Cloud, uuid: str) -> None:
    with pytest.raises(InstanceNotFound):
        cloud.get(uuid)
    assert uuid not in cloud.hosts.guests()


def with_interfaces(number: int) -> Callable[[Cloud, str], None]:
    """It runs as before, and has so many interfaces: for itself and for the network."""

    def check(cloud: Cloud, uuid: str) -> None:
        active(cloud, uuid)
        server = cloud.get(uuid)
        assert len(server.vifs) == number
        given = cloud.deps.network.bind(a_context(), server, server.host or "")
        assert {vif.port_id for vif in given} == {vif.port_id for vif in server.vifs}

    return check


def rebuilt(cloud: Cloud, uuid: str) -> None:
    active(cloud, uuid)
    server = cloud.get(uuid)
    (host,) = [one for one in cloud.hosts.all.values() if one.name == server.host]
    assert server.image_ref in host.rebuilt.values()
    assert spec_of(cloud, uuid).image_properties == server.image_properties


def as_it_was_in_error(cloud: Cloud, uuid: str) -> None:
    server = cloud.get(uuid)
    assert (server.vm_state, server.task_state) == (VmState.ERROR, None)
    assert server.fault is not None and server.power_state == 1
    assert server.image_ref == FAKE_IMAGE_ID
    assert spec_of(cloud, uuid).image_properties == server.image_properties


def half_made(cloud: Cloud, uuid: str) -> None:
    server = cloud.get(uuid)
    assert (server.vm_state, server.task_state) == (VmState.ERROR, None)
    assert server.image_ref != FAKE_IMAGE_ID


def spec_of(cloud: Cloud, uuid: str) -> RequestSpec:
    with cloud.databases.read_api() as tx:
        found = request_specs.get(tx, uuid)
    assert found is not None
    return found


def rescued(cloud: Cloud, uuid: str) -> None:
    server = cloud.get(uuid)
    assert (server.vm_state, server.task_state) == (VmState.RESCUED, None)
    assert cloud.hosts.guests()[uuid] == server.host


def with_images(number: int) -> Callable[[Cloud, str], None]:
    """It runs as before, and so many images of it are there, with their data."""

    def check(cloud: Cloud, uuid: str) -> None:
        active(cloud, uuid)
        images = cloud.deps.image.list(a_context(), name=f"of {uuid}")
        assert [image.status for image in images] == ["active"] * number
        for image in images:
            assert (image.disk_format, image.size) == ("raw", 4)

    return check


def on_the_shelf(state: VmState) -> Callable[[Cloud, str], None]:
    """Shelved, with its image; on a host or not."""

    def check(cloud: Cloud, uuid: str) -> None:
        server = cloud.get(uuid)
        assert (server.vm_state, server.task_state) == (state, None)
        image = cloud.deps.image.get(a_context(), server.system_metadata["shelved_image_id"])
        assert (image.status, image.properties["instance_uuid"]) == ("active", uuid)
        assert (server.host is None) == (uuid not in cloud.hosts.guests())
        assert (server.host is None) == (state is VmState.SHELVED_OFFLOADED)
        begin = cloud.processes[0].begin_action
        begin(a_context(), uuid=uuid, action=Action.DELETE, params={})
        cloud.wait_quiet()

    return check


def back_from_the_shelf(cloud: Cloud, uuid: str) -> None:
    """It runs, and nothing is left of its time there."""
    active(cloud, uuid)
    server = cloud.get(uuid)
    assert not [name for name in server.system_metadata if name.startswith("shelved")]
    properties = {"instance_uuid": uuid}
    assert cloud.deps.image.list(a_context(), properties=properties) == []


def stopped(cloud: Cloud, uuid: str) -> None:
    assert cloud.get(uuid).vm_state is VmState.STOPPED


def soft_deleted(cloud: Cloud, uuid: str) -> None:
    assert cloud.get(uuid).vm_state is VmState.SOFT_DELETED
    cloud.processes[0].begin_action(
        service_context(), uuid=uuid, action=Action.FORCE_DELETE, params={}
    )
    cloud.wait_quiet()


SCENARIOS = {
    "build": (plain_build, active),
    "build with volume": (build_with_volume, active),
    "build on second host": (build_on_second_host, active),
    "failing build": (failing_build, in_error),
    "delete": (deletion, gone),
    "delete during build": (deletion_during_build, gone),
    "stop": (stop, stopped),
    "soft delete": (soft_deletion, soft_deleted),
    "new password": (new_password, active),
    "crash dump": (crash_dump, active),
    "rescue": (rescue, rescued),
    "rescue in vain": (rescue_in_vain, active),
    "unrescue": (unrescue, active),
    "rebuild": (rebuild, rebuilt),
    "rebuild of another image": (rebuild_of_another_image, rebuilt),
    "rebuild in vain": (rebuild_in_vain, as_it_was_in_error),
    "rebuild that breaks": (rebuild_that_breaks, half_made),
    "image": (snapshot, with_images(1)),
    "image in vain": (failing_snapshot, with_images(0)),
    "upload in vain": (failing_upload, with_images(0)),
    "backup": (backup, with_images(1)),
    "backup in vain": (failing_backup, with_images(1)),
    "shelve": (shelving, on_the_shelf(VmState.SHELVED)),
    "shelve and offload": (shelving_away, on_the_shelf(VmState.SHELVED_OFFLOADED)),
    "shelve in vain": (shelving_in_vain, with_images(0)),
    "offload": (offloading, on_the_shelf(VmState.SHELVED_OFFLOADED)),
    "unshelve on its host": (unshelving_on_its_host, back_from_the_shelf),
    "unshelve": (unshelving, back_from_the_shelf),
    "unshelve in vain": (unshelving_in_vain, on_the_shelf(VmState.SHELVED_OFFLOADED)),
    "delete from the shelf": (deleting_from_the_shelf, gone),
    "attach interface": (attaching, with_interfaces(2)),
    "attach interface in vain": (attaching_in_vain, with_interfaces(1)),
    "detach interface": (detaching, with_interfaces(0)),
}


def all_points(cloud: Cloud, scenario: Scenario) -> list[str]:
    """The points that the scenario meets when nobody dies."""
    probe = Probe()
    process = cloud.process(probe=probe, serve=False)
    scenario(cloud, process)
    cloud.wait_quiet()
    process.stop()
    cloud.hosts.scripts["build"].clear()
    return probe.met


def test_the_scenarios_meet_every_step(cloud: Cloud) -> None:
    met = {point for scenario, _ in SCENARIOS.values() for point in all_points(cloud, scenario)}
    for flow in FLOWS.values():
        for step in flow.steps:
            assert f"before {flow.name} {step.name}" in met, "a scenario is missing"
            if step.undo is not None:
                assert f"undo {flow.name} {step.name}" in met, "a scenario is missing"


def _take_over(cloud: Cloud, heir: Process, point: str) -> None:
    """A crash behind the end of a flow leaves nothing to take over."""
    wait_for(lambda: heir.runner.take_over() or not cloud.runs(), 10, f"taking over: {point}")


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_crash_at_every_point(cloud: Cloud, name: str) -> None:
    scenario, check = SCENARIOS[name]
    points = all_points(cloud, scenario)
    assert len(points) >= 3
    for at, point in enumerate(points):
        probe = Probe(at)
        victim = cloud.process(probe=probe, serve=False)
        uuid = scenario(cloud, victim)
        assert probe.crashed.wait(20), point
        victim.die()
        heir = cloud.process(serve=False, silence=0.0)
        _take_over(cloud, heir, point)
        cloud.wait_quiet()
        heir.stop()
        check(cloud, uuid)
        assert cloud.findings() == [], point
    assert len(cloud.rows(models.flow_runs)) == 0


@pytest.mark.parametrize("name", SCENARIOS)
def test_conductors_that_all_die_soon(cloud: Cloud, name: str) -> None:
    """Each one dies a little later than the one before; the flow gets on nevertheless."""
    scenario, check = SCENARIOS[name]
    probe = Probe(2)
    first = cloud.process(probe=probe, serve=False)
    uuid = scenario(cloud, first)
    assert probe.crashed.wait(20)
    first.die()
    for lives in range(3, 40):
        if not cloud.runs():
            break
        probe = Probe(lives)
        heir = cloud.process(probe=probe, serve=False, silence=0.0)
        heir.runner.take_over()
        wait_for(lambda p=probe: p.crashed.is_set() or not cloud.runs(), 20, "a crash or the end")
        heir.die()
    cloud.wait_quiet()
    check(cloud, uuid)
    assert cloud.findings() == []
