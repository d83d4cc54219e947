# SPDX-License-Identifier: Apache-2.0
"""The guests of one pretended host: what a hypervisor knows, in memory or in a folder."""

from pathlib import Path

import msgspec

from nova_lite.base.shelf import Shelf
from nova_lite.domain import errors
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import PowerState

GIB_MB = 1024


class FakeGuest(msgspec.Struct, frozen=True, kw_only=True):
    """`defined` False: its disks alone are there. memory in MiB, disk in GiB. `boots` counts
    how often it was started; `suspended`: its memory is on disk; `ports`: of its interfaces;
    `passwords` by user; `dumps`: how often it was made to crash; `rescued`: the image that it
    runs from instead of its own; `token`: of its last rebuild; `config_drive`: the files on
    it."""

    uuid: str
    name: str
    hostname: str
    vcpus: int
    memory_mb: int
    disk_gb: int
    power_state: PowerState = PowerState.NOSTATE
    defined: bool = False
    suspended: bool = False
    boots: int = 0
    root: str | None = None
    ports: list[str] = []
    passwords: dict[str, str] = {}
    dumps: int = 0
    rescued: str | None = None
    token: str | None = None
    config_drive: list[str] | None = None


class Guests:
    """The only one who writes here: what is in the folder is read once, at the start."""

    def __init__(self, folder: Path | None) -> None:
        self._shelf: Shelf[FakeGuest] = Shelf(FakeGuest, folder)
        self._known = dict(self._shelf.items())

    def all(self) -> list[FakeGuest]:
        """Guests, and disks without a guest."""
        return list(self._known.values())

    def find(self, uuid: str) -> FakeGuest | None:
        return self._known.get(uuid)

    def get(self, instance: Instance) -> FakeGuest:
        """Raises GuestNotFound, also where only disks are left."""
        guest = self._known.get(instance.uuid)
        if guest is None or not guest.defined:
            raise errors.GuestNotFound(name=instance.guest_name or instance.uuid)
        return guest

    def put(self, guest: FakeGuest) -> FakeGuest:
        self._shelf.put(guest.uuid, guest)
        self._known[guest.uuid] = guest
        return guest

    def remove(self, uuid: str) -> None:
        self._known.pop(uuid, None)
        self._shelf.remove(uuid)


def disks_of(instance: Instance, root: Path | None) -> FakeGuest:
    """What is there when the disks are made and the guest is not."""
    flavor = instance.flavor
    swap = -(-flavor.swap_mb // GIB_MB)
    return FakeGuest(
        uuid=instance.uuid,
        name=instance.guest_name or instance.uuid,
        hostname=instance.hostname or instance.display_name,
        vcpus=flavor.vcpus,
        memory_mb=flavor.memory_mb,
        disk_gb=(flavor.root_gb if root else 0) + flavor.ephemeral_gb + swap,
        root=str(root) if root else None,
        ports=[vif.port_id for vif in instance.vifs],
    )
