# SPDX-License-Identifier: Apache-2.0
"""Block devices of a create request: what is wrong with them, and what they become. Pure."""

import uuid as uuids
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from nova_lite.domain import errors
from nova_lite.domain.devices import BlockDevice, BlockDeviceWish
from nova_lite.domain.image import Image
from nova_lite.domain.request import CreateServers

INVALID: Final = "Block Device Mapping is Invalid: "
# source_type -> destination_type where none is given
DESTINATIONS: Final = {"volume": "volume", "snapshot": "volume", "image": "local", "blank": "local"}


class VolumeFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the volume service says; size in GiB."""

    size: int
    status: str = "available"
    bootable: bool = False
    multiattach: bool = False


def destination(wish: BlockDeviceWish) -> str:
    return wish.destination_type or DESTINATIONS[wish.source_type]


def boots_from_volume(request: CreateServers) -> bool:
    """True when the first disk is a volume."""
    first = boot_device(request)
    return first is not None and destination(first) == "volume"


def boot_device(request: CreateServers) -> BlockDeviceWish | None:
    """The wish that is the first disk; None: the image on a local disk."""
    for wish in request.block_devices:
        if wish.boot_index == 0 and not wish.no_device:
            return wish
    return None


def problems(
    request: CreateServers, volumes: Mapping[str, VolumeFacts]
) -> Iterator[errors.NovaLiteError]:
    """What is wrong with the block devices, in the order in which it is told."""
    wishes = [wish for wish in request.block_devices if not wish.no_device]
    yield from _boot_problems(request, wishes)
    for wish in wishes:
        yield from _one(wish, volumes)
    if request.max_count > 1 and any(wish.source_type == "volume" for wish in wishes):
        yield errors.Invalid("Cannot attach one or more volumes to multiple instances")


def _boot_problems(
    request: CreateServers, wishes: Sequence[BlockDeviceWish]
) -> Iterator[errors.NovaLiteError]:
    order = sorted(w.boot_index for w in wishes if w.boot_index is not None and w.boot_index >= 0)
    if order and (order[0] != 0 and request.image_ref is None or len(set(order)) != len(order)):
        yield errors.Invalid(
            INVALID + "Boot sequence for the instance and image/block device mapping "
            "combination is not valid."
        )


def _one(wish: BlockDeviceWish, volumes: Mapping[str, VolumeFacts]) -> Iterator[errors.Invalid]:
    where = destination(wish)
    if wish.source_type in ("volume", "snapshot", "image") and wish.uuid is None:
        yield errors.Invalid(INVALID + f"{wish.source_type} needs a uuid.")
        return
    if wish.source_type in ("volume", "snapshot") and where != "volume":
        yield errors.Invalid(INVALID + "Mapping of volumes and snapshots to local disks is wrong.")
    if wish.source_type in ("image", "blank") and where == "volume" and not wish.volume_size:
        yield errors.Invalid(
            INVALID + "Images with destination_type 'volume' need to have a non-zero size specified"
            if wish.source_type == "image"
            else INVALID + "Blank volumes (source: 'blank', dest: 'volume') need to have "
            "non-zero size"
        )
    if wish.source_type == "volume" and wish.uuid is not None:
        known = volumes.get(wish.uuid)
        if known is None:
            yield errors.Invalid(INVALID + f"failed to get volume {wish.uuid}.")
        elif known.status != "available" and not known.multiattach:
            yield errors.Invalid(
                f"Invalid volume: volume {wish.uuid} is {known.status}, not available"
            )
        elif wish.boot_index == 0 and not known.bootable:
            yield errors.Invalid(INVALID + f"Volume {wish.uuid} is not bootable.")


def devices_of(request: CreateServers, image: Image | None) -> list[BlockDevice]:
    """The devices to keep, without ids. An image on a local disk, which is what nearly every
    server boots from, needs none."""
    found = []
    for wish in request.block_devices:
        if wish.no_device or (wish.source_type == "image" and destination(wish) == "local"):
            continue
        found.append(
            BlockDevice(
                uuid="",
                instance_uuid="",
                source_type=wish.source_type,
                destination_type=destination(wish),
                boot_index=wish.boot_index,
                device_name=wish.device_name,
                device_type=wish.device_type,
                disk_bus=wish.disk_bus,
                guest_format=wish.guest_format,
                volume_id=wish.uuid if wish.source_type == "volume" else None,
                snapshot_id=wish.uuid if wish.source_type == "snapshot" else None,
                image_id=wish.uuid if wish.source_type == "image" else None,
                volume_size=wish.volume_size,
                volume_type=wish.volume_type,
                delete_on_termination=wish.delete_on_termination,
                tag=wish.tag,
            )
        )
    return found


def for_server(devices: Sequence[BlockDevice], instance_uuid: str) -> list[BlockDevice]:
    """The devices of one server, with ids that are the same whenever they are made."""
    space = uuids.UUID(instance_uuid)
    return [
        msgspec.structs.replace(
            device,
            uuid=str(uuids.uuid5(space, f"device-{number}")),
            instance_uuid=instance_uuid,
        )
        for number, device in enumerate(devices)
    ]
