# SPDX-License-Identifier: Apache-2.0
"""`<instances_path>/<uuid>`: the folder of one guest, and `disk.info`, which says what is in it.

disk.info is written before the disks are made, so that a folder always tells whose it is and
which base its disks stand on, however far its making came.
"""

import contextlib
import os
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path

import msgspec

from nova_lite.base import files, ids
from nova_lite.virt.libvirt.guestspec import DiskFile

INFO = "disk.info"
CONSOLE = "console.log"
LEFT_OUT = ("ephemeral", "swap")  # roles that a rescued guest is not given, unless it is stable
DOOMED = "_del"  # how the name of a folder ends that is being removed
FOLDER_MODE = 0o711  # the emulator, another user, passes through; nobody looks around


class DiskRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One disk. role: root, ephemeral, swap or config; size in bytes as the guest sees it; base:
    the cached image under it; file_system: what a new one is given. device: disk or cdrom, on
    `bus` (None: that of the server's disks)."""

    role: str
    file: str
    format: str
    size: int
    base: str | None = None
    file_system: str | None = None
    device: str = "disk"
    bus: str | None = None


class RescueRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What a guest is rescued with. stable: all disks stay what they are to the guest, and this
    one, a `device` (disk or cdrom) on `bus`, is the last; else it is the first, before the
    root disk. drive: the config drive meanwhile."""

    disk: DiskRecord
    drive: DiskRecord | None = None
    stable: bool = False
    device: str = "disk"
    bus: str | None = None


class FolderRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What disk.info says. host: the compute service that made it; rescue: of a guest that is
    rescued, or was about to be; token: of the rebuild that made it."""

    uuid: str
    host: str
    machine: str
    disks: list[DiskRecord] = []
    rescue: RescueRecord | None = None
    token: str = ""
    schema: int = 1


class GuestFolder:
    """The folder of one guest."""

    def __init__(self, instances: Path, uuid: str) -> None:
        if not ids.is_uuid(uuid):
            raise ValueError(f"{uuid!r} is no uuid")
        self.path = instances / uuid
        self.console = self.path / CONSOLE

    def exists(self) -> bool:
        return self.path.is_dir()

    def create(self, record: FolderRecord, kept: Collection[str] = ()) -> None:
        """A new folder; one that is there already is emptied first, but for the files `kept`."""
        if kept:
            self.clear(kept)
        else:
            self.remove()
            self.path.mkdir(parents=True)
            self.path.chmod(FOLDER_MODE)
        self.write(record)
        # Made by us, so that we may read it when libvirt's logger, who is root, appends to it.
        os.close(os.open(self.console, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))

    def clear(self, kept: Collection[str]) -> None:
        """Remove everything but disk.info and the files `kept`."""
        for path in self.path.iterdir():
            if path.name not in (INFO, *kept):
                path.unlink()

    def write(self, record: FolderRecord) -> None:
        """disk.info, as a whole."""
        files.write_whole(self.path / INFO, msgspec.json.encode(record).decode())

    def record(self) -> FolderRecord | None:
        """What disk.info says, None when there is none that can be read."""
        try:
            return msgspec.json.decode((self.path / INFO).read_bytes(), type=FolderRecord)
        except (OSError, msgspec.DecodeError):
            return None

    def disks(self, record: FolderRecord) -> list[DiskFile]:
        """In the order in which the guest has them."""
        own = [self._file(disk) for disk in record.disks]
        rescue = record.rescue
        if rescue is None:
            return own
        extra = msgspec.structs.replace(
            self._file(rescue.disk), device=rescue.device, bus=rescue.bus
        )
        if rescue.drive is not None:
            meanwhile = self._file(rescue.drive)
            own = [meanwhile if disk.role == meanwhile.role else disk for disk in own]
        if rescue.stable:
            return [*own, extra]
        return [extra, *(disk for disk in own if disk.role not in LEFT_OUT)]

    def is_complete(self, record: FolderRecord) -> bool:
        """Whether all of its disks are there."""
        return all((self.path / disk.file).exists() for disk in record.disks)

    def _file(self, disk: DiskRecord) -> DiskFile:
        return DiskFile(
            role=disk.role,
            path=str(self.path / disk.file),
            format=disk.format,
            device=disk.device,
            bus=disk.bus,
        )

    def forget_rescue(self, record: FolderRecord) -> FolderRecord:
        """The record without its rescue, of which nothing is left."""
        if record.rescue is None:
            return record
        for disk in (record.rescue.disk, record.rescue.drive):
            if disk is not None:
                (self.path / disk.file).unlink(missing_ok=True)
        plain = msgspec.structs.replace(record, rescue=None)
        self.write(plain)
        return plain

    def remove(self) -> None:
        """All of it. Under its name it is gone at once, whatever happens then."""
        doomed = self.path.with_name(self.path.name + DOOMED)
        shutil.rmtree(doomed, ignore_errors=True)
        with contextlib.suppress(FileNotFoundError):
            os.rename(self.path, doomed)
        if doomed.exists():
            shutil.rmtree(doomed)


def folders(instances: Path) -> Iterator[GuestFolder]:
    """Every guest's folder."""
    with contextlib.suppress(FileNotFoundError), os.scandir(instances) as entries:
        for entry in entries:
            if ids.is_uuid(entry.name) and entry.is_dir(follow_symlinks=False):
                yield GuestFolder(instances, entry.name)


def remove_doomed(instances: Path) -> None:
    """Finish what a crash interrupted."""
    with contextlib.suppress(FileNotFoundError):
        for path in instances.glob(f"*{DOOMED}"):
            if ids.is_uuid(path.name.removesuffix(DOOMED)):
                shutil.rmtree(path, ignore_errors=True)


def bases_in_use(instances: Path) -> set[str]:
    """The cached images that some guest's disk stands on, whichever host's guest it is."""
    return {
        disk.base
        for folder in folders(instances)
        if (record := folder.record()) is not None
        for disk in (*record.disks, *([record.rescue.disk] if record.rescue else ()))
        if disk.base is not None
    }
