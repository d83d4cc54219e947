# SPDX-License-Identifier: Apache-2.0
"""Images of servers, from the request to the image service."""

import threading
import uuid as uuid_module

import pytest
from msgspec.structs import replace

from nova_lite.domain import errors
from nova_lite.domain.states import Action, TaskState, VmState
from tests.fixtures.conducting import Cloud, a_context
from tests.fixtures.hosts import Gate, Host, refuses
from tests.fixtures.wait import wait_for
from tests.functional.flows.test_crashes import VOLUME


@pytest.fixture
def server(cloud: Cloud) -> str:
    uuid = cloud.create().uuids[0]
    cloud.wait(uuid, VmState.ACTIVE)
    cloud.wait_quiet()
    return uuid


def create_image(cloud: Cloud, uuid: str, **more: object) -> str:
    values = {"name": "mine", "metadata": {}, **more}
    return str(cloud.processes[0].create_image(a_context(), uuid=uuid, **values))


def create_backup(cloud: Cloud, uuid: str, rotation: int, kind: str = "daily") -> str | None:
    cloud_id: str | None = cloud.processes[0].create_backup(
        a_context(), uuid=uuid, name="b", backup_type=kind, rotation=rotation, metadata={}
    )
    cloud.wait_quiet()
    return cloud_id


def names_of_backups(cloud: Cloud, uuid: str) -> set[str]:
    properties = {"instance_uuid": uuid, "image_type": "backup"}
    return {image.id for image in cloud.deps.image.list(a_context(), properties=properties)}


def test_the_image_is_there_when_the_answer_comes(cloud: Cloud, server: str) -> None:
    gate = Gate()
    cloud.hosts.script("take_snapshot", gate)
    image_id = create_image(cloud, server, metadata={"a": "b"})
    image = cloud.deps.image.get(a_context(), image_id)
    assert (image.status, image.name, image.properties["a"]) == ("queued", "mine", "b")
    assert image.properties["instance_uuid"] == server
    assert gate.reached.wait(20)
    assert cloud.get(server).task_state is TaskState.IMAGE_SNAPSHOT
    gate.open.set()
    cloud.wait(server, VmState.ACTIVE)
    image = cloud.deps.image.get(a_context(), image_id)
    assert (image.status, image.size, image.disk_format) == ("active", 4, "raw")
    assert cloud.findings() == []


def test_states_are_those_that_users_know(cloud: Cloud, server: str) -> None:
    seen = []
    note = lambda host: seen.append(cloud.get(server).task_state)  # noqa: E731
    cloud.hosts.script("take_snapshot", note, note)
    cloud.hosts.script("upload_snapshot", note, note)
    create_image(cloud, server)
    cloud.wait_quiet()
    create_backup(cloud, server, 1)
    T = TaskState
    assert seen == [T.IMAGE_SNAPSHOT, T.IMAGE_UPLOADING, T.IMAGE_BACKUP, T.IMAGE_UPLOADING]


def test_an_image_service_that_refuses_is_told_at_once(cloud: Cloud, server: str) -> None:
    def forbid(*_: object) -> None:
        raise errors.Forbidden("no more images for you")

    cloud.deps.image.create = forbid
    with pytest.raises(errors.Forbidden, match="no more images"):
        create_image(cloud, server)
    cloud.wait_quiet()
    found = cloud.get(server)
    assert (found.vm_state, found.task_state) == (VmState.ACTIVE, None)


@pytest.mark.parametrize("step", ["take_snapshot", "upload_snapshot"])
def test_what_fails_leaves_no_image(cloud: Cloud, server: str, step: str) -> None:
    cloud.hosts.script(step, refuses)
    image_id = create_image(cloud, server)
    cloud.wait_quiet()
    with pytest.raises(errors.ImageNotFound):
        cloud.deps.image.get(a_context(), image_id)
    found = cloud.get(server)
    assert (found.vm_state, found.task_state) == (VmState.ACTIVE, None)
    assert cloud.findings() == []


def test_an_image_service_that_is_away_is_waited_for(cloud: Cloud, server: str) -> None:
    """The copy of the disk waits on the host; it is not made once more."""

    def away(host: Host) -> None:
        raise errors.ImageStoreUnavailable(reason="connection refused")

    cloud.hosts.script("upload_snapshot", away, away)
    image_id = create_image(cloud, server)
    wait_for(lambda: not cloud.runs(), 40, "the image")
    assert cloud.deps.image.get(a_context(), image_id).status == "active"
    assert (cloud.hosts.calls("take_snapshot"), cloud.hosts.calls("upload_snapshot")) == (1, 3)
    assert cloud.findings() == []


def test_a_user_may_delete_the_image_meanwhile(cloud: Cloud, server: str) -> None:
    gate = Gate()
    cloud.hosts.script("take_snapshot", gate)
    image_id = create_image(cloud, server)
    cloud.deps.image.delete(a_context(), image_id)
    gate.open.set()
    cloud.wait(server, VmState.ACTIVE)
    assert cloud.findings() == []
    assert cloud.hosts.calls("upload_snapshot") == 0


def test_a_deleted_server_leaves_no_image_that_waits(cloud: Cloud, server: str) -> None:
    gate = Gate()
    cloud.hosts.script("take_snapshot", gate)
    image_id = create_image(cloud, server)
    assert gate.reached.wait(20)
    cloud.processes[0].begin_action(a_context(), uuid=server, action=Action.DELETE, params={})
    threading.Timer(0.05, gate.open.set).start()
    cloud.wait_quiet()
    with pytest.raises(errors.ImageNotFound):
        cloud.deps.image.get(a_context(), image_id)
    assert cloud.findings() == []


def test_a_host_that_dies_in_the_middle(cloud: Cloud, server: str) -> None:
    """It comes back soon: the copy is made again."""
    host = cloud.get(server).host or ""

    def die(asked: Host) -> None:
        cloud.hosts.kill(asked.name)
        threading.Timer(0.3, cloud.hosts.revive, (asked.name,)).start()
        raise errors.RpcUnreachable(topic="compute", host=asked.name)

    cloud.hosts.script("take_snapshot", die)
    image_id = create_image(cloud, server)
    wait_for(lambda: not cloud.runs(), 40, "the image")
    assert cloud.deps.image.get(a_context(), image_id).status == "active"
    assert cloud.hosts.all[host].calls.count("take_snapshot") == 2


def test_servers_on_volumes_are_refused(cloud: Cloud, server: str) -> None:
    boot = replace(VOLUME, boot_index=0)
    uuid = cloud.create(image_ref=None, block_devices=[boot]).uuids[0]
    cloud.wait(uuid, VmState.ACTIVE)
    with pytest.raises(errors.Invalid, match="volume"):
        create_image(cloud, uuid)
    with pytest.raises(errors.Invalid, match="volume-backed"):
        create_backup(cloud, uuid, 1)


# --- backups -------------------------------------------------------------------------------------


def test_backups_are_rotated_by_type(cloud: Cloud, server: str) -> None:
    made = [create_backup(cloud, server, 2) for _ in range(3)]
    weekly = create_backup(cloud, server, 1, "weekly")
    assert names_of_backups(cloud, server) == {made[1], made[2], weekly}


def test_rotation_of_nothing_deletes_all_of_the_type(cloud: Cloud, server: str) -> None:
    for _ in range(2):
        create_backup(cloud, server, 2)
    weekly = create_backup(cloud, server, 1, "weekly")
    taken = cloud.hosts.calls("take_snapshot")
    assert create_backup(cloud, server, 0) is None
    assert names_of_backups(cloud, server) == {weekly}
    assert cloud.hosts.calls("take_snapshot") == taken, "what is deleted at once is not made"


def test_a_protected_backup_stays_and_the_others_go(cloud: Cloud, server: str) -> None:
    first, second = create_backup(cloud, server, 2), create_backup(cloud, server, 2)
    cloud.deps.image.update(a_context(), first or "", {"protected": True})
    third = create_backup(cloud, server, 1)
    assert names_of_backups(cloud, server) == {first, third}
    assert second not in names_of_backups(cloud, server)


def test_metadata_is_limited_where_it_is_asked_for(cloud: Cloud, server: str) -> None:
    cloud.conf.set_override("metadata_items", 1, "quota")
    many = {"a": "1", "b": "2"}
    with pytest.raises(errors.ResourceLimitExceeded, match="metadata"):
        create_image(cloud, server, metadata=many, limited=True)
    create_image(cloud, server, metadata=many)
    cloud.wait_quiet()


def test_a_server_that_is_busy_is_refused(cloud: Cloud, server: str) -> None:
    gate = Gate()
    cloud.hosts.script("take_snapshot", gate)
    create_image(cloud, server)
    with pytest.raises(errors.InstanceStateConflict, match="createImage"):
        create_image(cloud, server)
    gate.open.set()
    cloud.wait_quiet()
    absent = str(uuid_module.uuid4())
    with pytest.raises(errors.InstanceNotFound):
        create_image(cloud, absent)
