# SPDX-License-Identifier: Apache-2.0
"""Copies of guests' disks: taken, and given to the image service in the name of who asked.

A copy is a file of this host from the moment it is taken until it is uploaded or dropped. Who
deletes the server, or drops the copy, does not wait until it is complete: the work on it ends.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from nova_lite.backends.image.port import ImagePort
from nova_lite.base import clock, concurrency
from nova_lite.base.context import RequestContext
from nova_lite.compute.calls import InstanceCalls
from nova_lite.compute.drivers import call
from nova_lite.domain import errors
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import Action
from nova_lite.rpc.contracts.compute import SnapshotResult
from nova_lite.virt.driver import Driver, Snapshots

LOG = logging.getLogger(__name__)

CHUNK: Final = 1 << 20
LOOK: Final = 0.5  # seconds between looks whether a copy that waits for its turn is wanted
ENDING: Final = frozenset({"destroy", "drop_snapshot"})  # calls that make a copy useless


class SnapshotActions:
    """The calls take_snapshot, upload_snapshot and drop_snapshot of one host. `limit`: how many
    copies are made at a time, 0 for any number."""

    def __init__(self, driver: Driver, images: ImagePort, calls: InstanceCalls, limit: int) -> None:
        self._driver = driver
        self._images = images
        self._calls = calls
        self._slots = concurrency.Semaphore(limit) if limit else None

    def take_snapshot(
        self, context: RequestContext, *, instance: Instance, image_id: str
    ) -> SnapshotResult:
        group = self._group()
        return self._calls.run(
            instance.uuid,
            ("take_snapshot", image_id),
            lambda: self._take(group, instance, image_id),
        )

    def _take(self, group: Snapshots, instance: Instance, image_id: str) -> SnapshotResult:
        began = clock.monotonic()

        def wanted() -> bool:
            return not self._calls.waiting(instance.uuid, ENDING)

        with self._slot(instance, wanted):
            taken = call(self._driver, group.take, instance, image_id, wanted)
        LOG.info(
            "[instance: %s] A copy of its disk is there after %.2f s",
            *(instance.uuid, clock.monotonic() - began),
        )
        return SnapshotResult(format=taken.format, virtual_size=taken.virtual_size)

    @contextmanager
    def _slot(self, instance: Instance, wanted: Callable[[], bool]) -> Iterator[None]:
        """Wait for one, as long as the copy is wanted."""
        if self._slots is None:
            yield
            return
        while not self._slots.acquire(timeout=LOOK):
            if not wanted():
                raise _unwanted(instance)
        try:
            yield
        finally:
            self._slots.release()

    def upload_snapshot(
        self, context: RequestContext, *, instance: Instance, image_id: str
    ) -> None:
        group = self._group()
        self._calls.run(
            instance.uuid,
            ("upload_snapshot", image_id),
            lambda: self._upload(context, group, instance, image_id),
        )

    def _upload(
        self, context: RequestContext, group: Snapshots, instance: Instance, image_id: str
    ) -> None:
        image = self._images.get(context, image_id)
        if image.status == "saving":
            raise errors.ImageStoreUnavailable(reason=f"image {image_id} is being saved")
        if image.status != "active":
            taken = call(self._driver, group.take, instance, image_id, lambda: True)
            done = self._images.upload(context, image_id, self._chunks(instance, taken.path))
            LOG.info("[instance: %s] Image %s has its %s bytes", instance.uuid, image_id, done.size)
        call(self._driver, group.drop, instance, image_id)

    def _chunks(self, instance: Instance, path: Path) -> Iterator[bytes]:
        with open(path, "rb") as file:
            while chunk := concurrency.native(file.read, CHUNK):
                if self._calls.waiting(instance.uuid, ENDING):
                    raise _unwanted(instance)
                yield chunk

    def drop_snapshot(self, context: RequestContext, *, instance: Instance, image_id: str) -> None:
        group = self._group()
        self._calls.run(
            instance.uuid,
            ("drop_snapshot", image_id),
            lambda: call(self._driver, group.drop, instance, image_id),
        )

    def _group(self) -> Snapshots:
        group = self._driver.snapshots
        if group is None:
            raise errors.ActionUnsupported(action=str(Action.CREATE_IMAGE))
        return group


def _unwanted(instance: Instance) -> errors.GuestOperationFailed:
    return errors.GuestOperationFailed(
        operation="snapshot",
        name=instance.guest_name or instance.uuid,
        reason="it is not wanted any more",
    )
