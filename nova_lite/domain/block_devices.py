# SPDX-License-Identifier: Apache-2.0
"""Block devices of a create request: what is wrong with them, and what they become. Pure."""

import uuid as uuids
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from nova_lite.domain import errors
from nova_lite.domain.devices import BlockDevice, BlockDeviceWish
from nova_lite.domain.flavor import Flavor
from nova_lite.domain.image import Image
from nova_lite.domain.request import CreateServers

INVALID: Final = "Block Device Mapping is Invalid: "
SWAP: Final = "swap"  # the guest_format of an empty disk that is one; its size is in MiB
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
    request: CreateServers,
    flavor: Flavor,
    volumes: Mapping[str, VolumeFacts],
    most_local: int = -1,
) -> Iterator[errors.NovaLiteError]:
    """What is wrong with the block devices, in the order in which it is told. `most_local`: so
    many disks on the host at most; -1 for any number."""
    wishes = [wish for wish in request.block_devices if not wish.no_device]
    yield from _boot_problems(request, wishes)
    for wish in wishes:
        yield from _one(wish, volumes)
    if request.max_count > 1 and any(wish.source_type == "volume" for wish in wishes):
        yield errors.Invalid("Cannot attach one or more volumes to multiple instances")
    yield from _blank_problems(wishes, flavor)
    if 0 <= most_local < _local_disks(request, wishes, flavor):
        yield errors.Invalid(INVALID + "You specified more local devices than the limit allows")


def _blanks(wishes: Sequence[BlockDeviceWish]) -> tuple[list[BlockDeviceWish], ...]:
    """Empty disks on the host: ephemeral ones, and swap."""
    found = [w for w in wishes if w.source_type == "blank" and destination(w) == "local"]
    return (
        [wish for wish in found if wish.guest_format != SWAP],
        [wish for wish in found if wish.guest_format == SWAP],
    )


def _blank_problems(wishes: Sequence[BlockDeviceWish], flavor: Flavor) -> Iterator[errors.Invalid]:
    """The flavor says how much there is of each; a request divides it, and asks for no more."""
    ephemeral, swap = _blanks(wishes)
    sizes = [flavor.ephemeral_gb if w.volume_size is None else w.volume_size for w in ephemeral]
    if sum(sizes) > flavor.ephemeral_gb:
        yield errors.Invalid(
            "Ephemeral disks requested are larger than the instance type allows. If no size is "
            "given in one block device mapping, flavor ephemeral size will be used."
        )
    if len(swap) > 1:
        yield errors.Invalid("More than one swap drive requested.")
    elif swap and (swap[0].volume_size or 0) > flavor.swap_mb:
        yield errors.Invalid("Swap drive requested is larger than instance type allows.")


def _local_disks(request: CreateServers, wishes: Sequence[BlockDeviceWish], flavor: Flavor) -> int:
    """How many disks of the server are on the host: root, ephemeral and swap."""
    ephemeral, swap = _blanks(wishes)
    root = 0 if boots_from_volume(request) else 1
    return (
        root
        + (len(ephemeral) or int(flavor.ephemeral_gb > 0))
        + (len(swap) or int(flavor.swap_mb > 0))
    )


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
    server boots from, needs none, unless it has a tag."""
    found = []
    for wish in request.block_devices:
        plain = wish.source_type == "image" and destination(wish) == "local" and not wish.tag
        if wish.no_device or plain:
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
