# SPDX-License-Identifier: Apache-2.0
"""An image of a server: its record first, so that who asked can look at it, then a copy of the
disk on the host, then the upload. What was begun and not finished is removed again.
"""

import logging
import uuid
from typing import Any, Final

import msgspec

from nova_lite.conductor.run import Done, Run
from nova_lite.conductor.steps import compute
from nova_lite.domain import errors, snapshot
from nova_lite.domain.instance import InstancePatch
from nova_lite.domain.snapshot import ImageWish
from nova_lite.domain.states import Action, TaskState
from nova_lite.rpc.contracts.compute import SnapshotResult

LOG = logging.getLogger(__name__)
T, A = TaskState, Action

# What a server is said to do: while its disk is copied, before the upload, during it.
TASKS: Final[dict[Action, tuple[TaskState, TaskState, TaskState]]] = {
    A.CREATE_IMAGE: (T.IMAGE_SNAPSHOT, T.IMAGE_PENDING_UPLOAD, T.IMAGE_UPLOADING),
    A.CREATE_BACKUP: (T.IMAGE_BACKUP, T.IMAGE_PENDING_UPLOAD, T.IMAGE_UPLOADING),
    A.SHELVE: (T.SHELVING, T.SHELVING_IMAGE_PENDING_UPLOAD, T.SHELVING_IMAGE_UPLOADING),
}
SERVICE_PATIENCE: Final = 30.0
HOST_PATIENCE: Final = 120.0
SECONDS: Final = 24 * 3600.0  # large disks, slow networks
_SPACE: Final = uuid.UUID("b3f1a6d8-57c2-4f0e-9a34-6d0c8e21f795")
TOLD: Final = "told"  # the secret that is an event: set when there is something to tell


def wish_of(run: Run) -> ImageWish:
    """What was asked for; the image of a server that is shelved is asked for by nobody."""
    given = run.progress.params.get("image")
    if given is None:
        image_id = str(uuid.uuid5(_SPACE, run.record.id))
        return ImageWish(image_id=image_id, name=f"{run.instance.display_name}-shelved")
    return msgspec.convert(given, ImageWish)


def is_kept(run: Run) -> bool:
    return wish_of(run).kept


def tell(run: Run) -> None:
    """Wake the handler that waits for the image, or for the news that there will be none."""
    event = run.secrets.get(TOLD)
    if event is not None:
        event.set()


def make(run: Run) -> Done:
    """The image's record, without data."""
    shelves = run.record.action is A.SHELVE
    wanted = snapshot.image_of(
        wish_of(run),
        run.instance,
        owner=(None if shelves else run.context.project_id) or run.instance.project_id,
        user_id=run.context.user_id,
        left_out=run.deps.conf.non_inheritable_image_properties,
    )
    try:
        run.deps.image.create(run.context, wanted)
    except errors.ImageConflict:
        # Made before, by who had this run; gone again, it cannot be made once more.
        run.deps.image.get(run.context, wanted.id)
    tell(run)
    return _doing(run, 0)


def remove(run: Run) -> None:
    """Undo of `make`."""
    if not is_kept(run):
        return
    try:
        run.deps.image.delete(run.context, wish_of(run).image_id)
    except errors.ImageNotFound:
        return


def take(run: Run) -> Done:
    """A copy of the disk, in a file of the host's."""
    taken = _host(run).take_snapshot(
        run.context, instance=run.instance, image_id=wish_of(run).image_id
    )
    done = _doing(run, 1)
    return Done(result=msgspec.to_builtins(taken), patch=done.patch)


def drop(run: Run) -> None:
    """Undo of `take`. A host that does not answer removes old copies when it is back."""
    if run.instance.host is None or not is_kept(run):
        return
    try:
        compute.of(run).drop_snapshot(
            run.context, instance=run.instance, image_id=wish_of(run).image_id
        )
    except (errors.RpcTimeout, errors.RpcTooLate, errors.RpcUnreachable):
        LOG.info("%s: the copy of its disk stays on its host for a while", run.instance.uuid)


def offer(run: Run) -> Done:
    """Say what is about to be uploaded. Raises ImageNotFound where the image was deleted."""
    taken = msgspec.convert(run.result("take"), SnapshotResult)
    changes = {"disk_format": taken.format, "container_format": "bare"}
    image_id = wish_of(run).image_id
    if run.deps.image.get(run.context, image_id).status == "queued":
        run.deps.image.update(run.context, image_id, changes)
    return _doing(run, 2)


def upload(run: Run) -> None:
    _host(run).upload_snapshot(run.context, instance=run.instance, image_id=wish_of(run).image_id)


def forget(run: Run, image_id: str | None) -> None:
    """Delete an image that has done its work. One that cannot be deleted now stays."""
    if image_id is None:
        return
    try:
        run.deps.image.delete(run.context, image_id)
    except errors.ImageNotFound:
        return
    except errors.NovaLiteError as error:
        LOG.warning("%s: image %s stays: %s", run.instance.uuid, image_id, error)


def rotate(run: Run) -> None:
    """Delete the backups that are too many. One that cannot be deleted is left."""
    wish = wish_of(run)
    properties = snapshot.backups_of(run.instance.uuid, wish.backup_type or "")
    found = run.deps.image.list(run.context, properties=properties)
    newest = wish.image_id if wish.kept else None
    for image in snapshot.too_many(found, wish.rotation or 0, newest):
        try:
            run.deps.image.delete(run.context, image.id)
        except errors.ImageNotFound:
            continue
        except (errors.Forbidden, errors.ImageConflict) as error:
            LOG.warning("%s: backup %s stays: %s", run.instance.uuid, image.id, error)


def _doing(run: Run, number: int) -> Done:
    return Done(patch=InstancePatch(task_state=TASKS[run.record.action][number]))


def _host(run: Run) -> Any:
    """The host, which gets all the time there is."""
    return compute.of(run).options(timeout=run.remaining())
