# SPDX-License-Identifier: Apache-2.0
"""Making guests, and removing them."""

import contextlib
import logging
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
from nova_lite.virt.driver import RootImage, SpawnSpec
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
            self._make(instance, spec.root, spec.config_drive)
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
        self._remove_guest(instance)
        if not keep_disks:
            self._definitions.folder(instance).remove()

    # --- inside ---------------------------------------------------------------------------

    def _make(
        self, instance: Instance, root: RootImage | None, drive: dict[str, bytes] | None
    ) -> None:
        if root is None:
            raise BuildAborted(
                instance_id=instance.uuid, reason="booting from a volume is not supported yet"
            )
        try:
            self._definitions.check(instance)
            machine = self._definitions.machine(instance)
            disks = plan(instance, root, self._roots.format)
            if drive is not None:
                bus = guest_spec.cdrom_bus(instance, machine, self._definitions.options)
                disks.append(self._drives.record(bus))
            record = FolderRecord(
                uuid=instance.uuid,
                host=self._definitions.options.host,
                machine=machine,
                disks=disks,
            )
            self._make_disks(self._definitions.folder(instance), record, root, drive or {})
            self._definitions.define(instance, record)
        except guest_spec.SpecError as error:
            self._undo(instance)
            raise BuildAborted(instance_id=instance.uuid, reason=str(error)) from error
        except (process.CommandError, OSError) as error:
            self._undo(instance)
            raise _faulted(instance, f"its disks cannot be made: {without_paths(error)}") from error
        except GuestOperationFailed as error:
            self._undo(instance)
            raise _faulted(instance, error.message) from error
        except BaseException:
            self._undo(instance)
            raise

    def _make_disks(
        self,
        folder: GuestFolder,
        record: FolderRecord,
        root: RootImage,
        drive: dict[str, bytes],
    ) -> None:
        folder.create(record)
        for disk in record.disks:
            path = folder.path / disk.file
            if disk.role == "root":
                self._roots.make(path, root, disk.size)
            elif disk.role == configdrive.ROLE:
                self._drives.make(path, disk.file_system or configdrive.ISO, drive)
            else:
                blank.make(path, disk.size, disk.file_system)
            path.chmod(0o600)  # libvirt gives it to the emulator's user
            if self._preallocate and disk.role != configdrive.ROLE:
                _claim_blocks(path, disk)

    def _remove_guest(self, instance: Instance) -> None:
        guest = self._guests.get(instance.uuid, instance.guest_name)
        with contextlib.suppress(GuestNotFound):
            if guest.is_active():
                guest.cut_power()
        with contextlib.suppress(GuestNotFound):  # it may have been a transient one
            guest.undefine()

    def _undo(self, instance: Instance) -> None:
        try:
            self._remove_guest(instance)
            self._definitions.folder(instance).remove()
        except (NovaLiteError, OSError) as error:
            # What is left is found by list_guests; the error that brought us here matters more.
            LOG.warning("Remains of %s could not be removed: %s", instance.uuid, error)


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
