# SPDX-License-Identifier: Apache-2.0
"""Copies of disks on a host: taken once, uploaded once, and ended when nobody wants them."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from nova_lite.domain import errors
from nova_lite.domain.image import Image
from nova_lite.domain.instance import Instance
from nova_lite.virt.driver import SnapshotFile
from nova_lite.virt.fake.snapshots import FakeSnapshots
from tests.fixtures.wait import wait_for
from tests.functional.compute.lab import CONTEXT, Lab


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    made = Lab(tmp_path)
    made.start()
    yield made
    made.close()


def new_image(lab: Lab) -> str:
    image = Image(id=str(uuid4()), name="mine", disk_format="raw", container_format="bare")
    return lab.images.create(CONTEXT, image).id


def copies(lab: Lab) -> list[str]:
    folder = Path(lab.options["fake__state_path"]) / "snapshots"
    return [path.name for path in folder.iterdir()] if folder.exists() else []


def test_a_copy_is_taken_and_uploaded_once(lab: Lab) -> None:
    server, image_id = lab.running(), new_image(lab)
    taken = [lab.call("take_snapshot", server, image_id=image_id) for _ in range(2)]
    assert taken[0] == taken[1] and taken[0].format == "raw"
    assert copies(lab) == [image_id]
    for _ in range(2):
        lab.call("upload_snapshot", server, image_id=image_id)
    assert lab.images.get(CONTEXT, image_id).status == "active"
    assert b"boots" in lab.images.data(image_id)
    assert copies(lab) == []


def test_a_copy_that_was_lost_is_made_again_for_the_upload(lab: Lab) -> None:
    server, image_id = lab.running(), new_image(lab)
    lab.call("take_snapshot", server, image_id=image_id)
    lab.call("drop_snapshot", server, image_id=image_id)
    lab.call("upload_snapshot", server, image_id=image_id)
    assert lab.images.get(CONTEXT, image_id).status == "active"


def test_an_image_that_is_gone_is_not_found(lab: Lab) -> None:
    server, image_id = lab.running(), new_image(lab)
    lab.call("take_snapshot", server, image_id=image_id)
    lab.images.delete(CONTEXT, image_id)
    with pytest.raises(errors.ImageNotFound):
        lab.call("upload_snapshot", server, image_id=image_id)
    for _ in range(2):
        lab.call("drop_snapshot", server, image_id=image_id)
    assert copies(lab) == []


def test_an_image_that_somebody_saves_is_waited_for(lab: Lab) -> None:
    server, image_id = lab.running(), new_image(lab)
    lab.images.update(CONTEXT, image_id, {"status": "saving"})
    with pytest.raises(errors.ImageStoreUnavailable):
        lab.call("upload_snapshot", server, image_id=image_id)


class SlowSnapshots(FakeSnapshots):
    """Takes until nobody wants it any more."""

    def take(self, instance: Instance, name: str, wanted: Callable[[], bool]) -> SnapshotFile:
        wait_for(lambda: not wanted(), 20, "somebody to end it")
        return super().take(instance, name, wanted)


@pytest.mark.parametrize("ending", ["drop_snapshot", "destroy"])
def test_who_needs_the_server_does_not_wait_for_the_copy(lab: Lab, ending: str) -> None:
    server, image_id = lab.running(), new_image(lab)
    lab.driver.snapshots = SlowSnapshots(lab.driver._machine, None)
    failed: list[Exception] = []

    def take() -> None:
        try:
            lab.call("take_snapshot", server, image_id=image_id)
        except errors.GuestOperationFailed as error:
            failed.append(error)

    taking = threading.Thread(target=take)
    taking.start()
    wait_for(lambda: lab.host.calls.busy(server.uuid), 20, "the copy to begin")
    more = {"image_id": image_id} if ending == "drop_snapshot" else {}
    lab.call(ending, server, **more)
    taking.join(20)
    assert failed and "not wanted" in str(failed[0])


def test_who_waits_for_a_turn_can_be_ended_too(tmp_path: Path) -> None:
    lab = Lab(tmp_path, max_concurrent_snapshots=1).start()
    try:
        first, second = lab.running(), lab.running()
        images = {first.uuid: new_image(lab), second.uuid: new_image(lab)}
        lab.driver.snapshots = SlowSnapshots(lab.driver._machine, None)
        failed: list[Exception] = []

        def take(server: Instance) -> None:
            try:
                lab.call("take_snapshot", server, image_id=images[server.uuid])
            except errors.GuestOperationFailed as error:
                failed.append(error)

        threads = [threading.Thread(target=take, args=(one,)) for one in (first, second)]
        for thread, server in zip(threads, (first, second), strict=True):
            thread.start()
            wait_for(lambda uuid=server.uuid: lab.host.calls.busy(uuid), 20, "the call")
        lab.call("drop_snapshot", second, image_id=images[second.uuid])
        threads[1].join(20)
        assert len(failed) == 1 and threads[0].is_alive()
        lab.call("drop_snapshot", first, image_id=images[first.uuid])
        threads[0].join(20)
        assert len(failed) == 2
    finally:
        lab.close()


def test_a_driver_that_cannot(lab: Lab) -> None:
    server, image_id = lab.running(), new_image(lab)
    lab.driver.snapshots = None
    for method in ("take_snapshot", "upload_snapshot", "drop_snapshot"):
        with pytest.raises(errors.ActionUnsupported):
            lab.call(method, server, image_id=image_id)
