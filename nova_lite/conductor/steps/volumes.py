# SPDX-License-Identifier: Apache-2.0
"""Volumes of a server: made where asked for, reserved, connected to its host, given back."""

from typing import Final

from msgspec.structs import replace

from nova_lite.conductor.run import Again, Done, Run
from nova_lite.db.cell import devices
from nova_lite.domain import errors
from nova_lite.domain.devices import BlockDevice
from nova_lite.domain.instance import InstancePatch
from nova_lite.domain.states import TaskState

POLL: Final = 1.0  # seconds between looks at a volume that is being made
MADE_HERE: Final = ("image", "snapshot", "blank")
BECOMING: Final = ("creating", "downloading")


def of_volumes(run: Run) -> list[BlockDevice]:
    """The devices of the server that are volumes."""
    return [d for d in run.instance.block_devices if d.destination_type == "volume"]


def make(run: Run) -> Done | Again | None:
    """Make the volumes that do not exist yet, and wait until they can be used.

    A volume bears its device's uuid as name, so that it is found again and not made twice."""
    changed = [_made(run, device) for device in of_volumes(run) if device.volume_id is None]
    if changed:
        _remember(run, changed)
        return Done(write=lambda tx: devices.replace(tx, changed))
    return None


def _made(run: Run, device: BlockDevice) -> BlockDevice:
    volume = run.deps.volume.create(
        run.context,
        size=device.volume_size or 1,
        image_id=device.image_id if device.source_type == "image" else None,
        snapshot_id=device.snapshot_id,
        volume_type=device.volume_type,
        name=device.uuid,
    )
    return replace(device, volume_id=volume.id)


def attach(run: Run) -> Done | Again:
    """Reserve every volume for the server and connect it to the host."""
    volume, changed = run.deps.volume, []
    for device in of_volumes(run):
        assert device.volume_id is not None  # noqa: S101 - made by the step before
        found = volume.get(run.context, device.volume_id)
        if found.status in BECOMING:
            return Again(POLL)
        if found.status == "error":
            raise errors.BuildAborted(
                instance_id=run.instance.uuid, reason=f"volume {found.id} is in error"
            )
        kept = volume.reserve(run.context, device.volume_id, run.instance.uuid)
        kept = volume.connect(run.context, kept.id, {"host": run.instance.host})
        changed.append(
            replace(
                device,
                attachment_id=kept.id,
                connection_info=kept.connection_info,
                volume_size=device.volume_size or found.size,
            )
        )
    _remember(run, changed)
    return Done(
        patch=InstancePatch(task_state=TaskState.SPAWNING),
        write=lambda tx: devices.replace(tx, changed),
    )


def complete(run: Run) -> None:
    """The guest runs with them: say so to the volume service."""
    for device in of_volumes(run):
        if device.attachment_id is not None:
            run.deps.volume.complete(run.context, device.attachment_id)


def detach(run: Run) -> None:
    """Let go of every volume. Reserving finds an attachment that was not recorded."""
    volume, changed = run.deps.volume, []
    for device in of_volumes(run):
        if device.volume_id is None:
            continue
        try:
            attachment = device.attachment_id
            if attachment is None:
                attachment = volume.reserve(run.context, device.volume_id, run.instance.uuid).id
            volume.detach(run.context, attachment)
        except (errors.VolumeNotFound, errors.Invalid):
            # Gone, or never ours: there is nothing to let go of.
            continue
        changed.append(replace(device, attachment_id=None, connection_info=None))
    _remember(run, changed)


def remove_made(run: Run) -> None:
    """Delete the volumes that were made for the server: its build has failed."""
    for device in of_volumes(run):
        if device.source_type in MADE_HERE and device.volume_id is not None:
            _delete(run, device.volume_id)


def release(run: Run) -> None:
    """The server goes: detach all, delete those that go with it."""
    detach(run)
    for device in of_volumes(run):
        if device.delete_on_termination and device.volume_id is not None:
            _delete(run, device.volume_id)


def _delete(run: Run, volume_id: str) -> None:
    try:
        run.deps.volume.delete(run.context, volume_id)
    except errors.VolumeNotFound:
        return


def _remember(run: Run, changed: list[BlockDevice]) -> None:
    by_uuid = {device.uuid: device for device in changed}
    run.instance = replace(
        run.instance, block_devices=[by_uuid.get(d.uuid, d) for d in run.instance.block_devices]
    )
