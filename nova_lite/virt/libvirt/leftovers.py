# SPDX-License-Identifier: Apache-2.0
"""Guests together with folders that have none: what an audit has to see."""

from pathlib import Path

from msgspec.structs import replace

from nova_lite.domain.host import GuestSeen
from nova_lite.domain.states import PowerState
from nova_lite.virt.libvirt.disk import layout


def with_folders(guests: list[GuestSeen], instances: Path, host: str) -> list[GuestSeen]:
    """The guests, with whether they have a folder, and this host's folders without a guest."""
    there = {folder.path.name: folder for folder in layout.folders(instances)}
    seen = [replace(guest, disks=guest.uuid in there) for guest in guests]
    known = {guest.uuid for guest in guests}
    for uuid, folder in there.items():
        if uuid in known:
            continue
        record = folder.record()
        if record is None or record.host != host:
            continue  # another host's, on shared storage
        seen.append(GuestSeen(name=uuid, uuid=uuid, power_state=int(PowerState.NOSTATE)))
    return seen
