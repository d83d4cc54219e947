# SPDX-License-Identifier: Apache-2.0
"""Making guests, and removing them."""

import contextlib
import logging
from collections.abc import Collection, Iterator
from pathlib import Path

from nova_lite.base import process
from nova_lite.domain.errors import (
    BuildAborted,
    FaultedBuild,
    GuestNotFound,
    GuestOperationFailed,
    NovaLiteError,
)
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import PowerState
from nova_lite.virt.driver import DriveContent, RootImage, SpawnSpec
from nova_lite.virt.libvirt import spec as guest_spec
from nova_lite.virt.libvirt.definition import Definitions
from nova_lite.virt.libvirt.disk import blank, configdrive
from nova_lite.virt.libvirt.disk.configdrive import ConfigDrives
from nova_lite.virt.libvirt.disk.layout import DiskRecord, FolderRecord, GuestFolder
from nova_lite.virt.libvirt.disk.plan import plan
from nova_lite.virt.libvirt.disk.qcow2 import Qcow2Disks
from nova_lite.virt.libvirt.disk.raw import RawDisks
from nova_lite.virt.libvirt.guest import Guests

LOG = logging.getLogger(__name__)

PREALLOCATE_TIMEOUT = 3600.0


class Spawner:
    """`roots` and `drives`: how root disks and config drives are made on this host.
    `preallocate`: claim the blocks of disks."""

    def __init__(
        self,
        guests: Guests,
        definitions: Definitions,
        roots: Qcow2Disks | RawDisks,
        drives: ConfigDrives,
        preallocate: bool,
    ) -> None:
        self._guests = guests
        self._definitions = definitions
        self._roots = roots
        self._drives = drives
        self._preallocate = preallocate

    def spawn(self, spec: SpawnSpec) -> PowerState:
        """Disks, definition, start; nothing is left when one of them fails. A guest that is
        there already was made by an earlier try: it is started if it is off."""
        instance = spec.instance
        guest = self._guests.get(instance.uuid, instance.guest_name)
        if not guest.exists():
            if spec.root is None:
                raise BuildAborted(
                    instance_id=instance.uuid, reason="booting from a volume is not supported yet"
                )
            with self._as_build_errors(instance):
                self._definitions.check(instance)
                record = self.plan(instance, spec.root, drive=spec.config_drive is not None)
                self.make(instance, record, spec.root, spec.config_drive)
        try:
            if not guest.is_active():
                guest.start()
            return guest.power_state()
        except GuestOperationFailed as error:
            self._undo(instance)
            raise _faulted(instance, error.message) from error
        except NovaLiteError:
            self._undo(instance)
            raise

    def destroy(self, instance: Instance, keep_disks: bool) -> None:
        """Guest and folder; what is gone already is no error."""
        self.remove_guest(instance)
        if not keep_disks:
            self._definitions.folder(instance).remove()

    # --- inside ---------------------------------------------------------------------------

    @contextlib.contextmanager
    def _as_build_errors(self, instance: Instance) -> Iterator[None]:
        """Nothing of a guest is left that could not be made."""
        try:
            with as_build_errors(instance):
                yield
        except BaseException:
            self._undo(instance)
            raise

    def plan(
        self, instance: Instance, root: RootImage, *, drive: bool, token: str = ""
    ) -> FolderRecord:
        """What its folder is going to have. `drive`: a config drive, too. Raises SpecError,
        ImageUnacceptable."""
        machine = self._definitions.machine(instance)
        disks = plan(instance, root, self._roots.format)
        if drive:
            bus = guest_spec.cdrom_bus(instance, machine, self._definitions.options)
            disks.append(self._drives.record(bus))
        return FolderRecord(
            uuid=instance.uuid,
            host=self._definitions.options.host,
            machine=machine,
            disks=disks,
            token=token,
        )

    def make(
        self,
        instance: Instance,
        record: FolderRecord,
        root: RootImage,
        drive: DriveContent | None,
        kept: Collection[str] = (),
    ) -> None:
        """Disks, but for the files `kept`, and the definition; then the config drive, which
        tells what libvirt made of that."""
        folder = self._definitions.folder(instance)
        self._make_disks(folder, record, root, kept)
        self._definitions.define(instance, record)
        if drive is not None:
            content = drive(self._definitions.addresses(instance))
            for disk in record.disks:
                if disk.role == configdrive.ROLE:
                    self._drives.put(folder.path / disk.file, disk, content)

    def _make_disks(
        self,
        folder: GuestFolder,
        record: FolderRecord,
        root: RootImage,
        kept: Collection[str],
    ) -> None:
        """But for the config drive."""
        folder.create(record, kept)
        for disk in record.disks:
            path = folder.path / disk.file
            if disk.file in kept or disk.role == configdrive.ROLE:
                continue
            if disk.role == "root":
                self._roots.make(path, root, disk.size)
            else:
                blank.make(path, disk.size, disk.file_system)
            path.chmod(0o600)  # libvirt gives it to the emulator's user
            if self._preallocate:
                _claim_blocks(path, disk)

    def remove_guest(self, instance: Instance) -> None:
        """The guest; its disks stay."""
        guest = self._guests.get(instance.uuid, instance.guest_name)
        with contextlib.suppress(GuestNotFound):
            if guest.is_active():
                guest.cut_power()
        with contextlib.suppress(GuestNotFound):  # it may have been a transient one
            guest.undefine()

    def _undo(self, instance: Instance) -> None:
        try:
            self.remove_guest(instance)
            self._definitions.folder(instance).remove()
        except (NovaLiteError, OSError) as error:
            # What is left is found by list_guests; the error that brought us here matters more.
            LOG.warning("Remains of %s could not be removed: %s", instance.uuid, error)


@contextlib.contextmanager
def as_build_errors(instance: Instance) -> Iterator[None]:
    """What goes wrong as FaultedBuild (another host may do better) or BuildAborted."""
    try:
        yield
    except guest_spec.SpecError as error:
        raise BuildAborted(instance_id=instance.uuid, reason=str(error)) from error
    except (process.CommandError, OSError) as error:
        raise _faulted(instance, f"its disks cannot be made: {without_paths(error)}") from error
    except GuestOperationFailed as error:
        raise _faulted(instance, error.message) from error


def _claim_blocks(path: Path, disk: DiskRecord) -> None:
    keep = ["-n"] if disk.format == "qcow2" else []
    process.run(
        ["fallocate", *keep, "-l", str(disk.size), "--", str(path)], timeout=PREALLOCATE_TIMEOUT
    )


def _faulted(instance: Instance, reason: str) -> FaultedBuild:
    return FaultedBuild(instance_id=instance.uuid, reason=reason)


def without_paths(error: process.CommandError | OSError) -> str:
    """The complaint without names of this host's files, which are no business of users."""
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    words = [("(a file)" if "/" in word else word) for word in str(error).split()]
    return " ".join(words)
