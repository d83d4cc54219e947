# SPDX-License-Identifier: Apache-2.0
"""Making a guest anew in the place of the one that is there."""

import contextlib
import logging

from nova_lite.domain.errors import BuildAborted, FaultedBuild, NovaLiteError
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import PowerState
from nova_lite.virt.driver import RebuildSpec
from nova_lite.virt.libvirt.definition import Definitions
from nova_lite.virt.libvirt.disk.layout import FolderRecord, GuestFolder
from nova_lite.virt.libvirt.guest import Guests
from nova_lite.virt.libvirt.spawn import Spawner, as_build_errors

LOG = logging.getLogger(__name__)


class LibvirtRebuild:
    """The rebuild group."""

    def __init__(self, guests: Guests, definitions: Definitions, spawner: Spawner) -> None:
        self._guests = guests
        self._definitions = definitions
        self._spawner = spawner

    def is_done(self, instance: Instance, token: str) -> bool:
        """The guest is defined when its disks are there; then its config drive is made."""
        folder = self._definitions.folder(instance)
        record = folder.record()
        if record is None or record.token != token or not folder.is_complete(record):
            return False
        return self._guests.get(instance.uuid, instance.guest_name).exists()

    def check(self, spec: RebuildSpec) -> None:
        with as_build_errors(spec.instance):
            self._plan(spec)

    def rebuild(self, spec: RebuildSpec) -> PowerState:
        instance = spec.instance
        guest = self._guests.get(instance.uuid, instance.guest_name)
        with as_build_errors(instance):
            if not self.is_done(instance, spec.token):
                self._make(spec)
            if spec.start and not guest.is_active():
                guest.start()
        return guest.power_state()

    # --- inside ---------------------------------------------------------------------------

    def _make(self, spec: RebuildSpec) -> None:
        instance = spec.instance
        record = self._plan(spec)
        folder = self._definitions.folder(instance)
        kept = _kept(folder, record) if spec.keep_ephemeral else []
        self._spawner.remove_guest(instance)
        try:
            with as_build_errors(instance):
                self._spawner.make(instance, record, spec.root, spec.config_drive, kept)
        except BuildAborted as error:  # which says that nothing has been removed
            self._clear(instance, folder, kept)
            raise FaultedBuild(**error.values) from error
        except BaseException:
            self._clear(instance, folder, kept)
            raise

    def _plan(self, spec: RebuildSpec) -> FolderRecord:
        """Raises SpecError, ImageUnacceptable."""
        record = self._spawner.plan(
            spec.instance, spec.root, drive=spec.config_drive is not None, token=spec.token
        )
        self._definitions.check(spec.instance, record)
        return record

    def _clear(self, instance: Instance, folder: GuestFolder, kept: list[str]) -> None:
        """What could not be made is gone; what was to be kept is there for the next try."""
        with contextlib.suppress(FileNotFoundError):
            try:
                self._spawner.remove_guest(instance)
                if kept:
                    folder.clear(kept)
                else:
                    folder.remove()
            except (NovaLiteError, OSError) as error:
                LOG.warning("Remains of %s could not be removed: %s", instance.uuid, error)


def _kept(folder: GuestFolder, record: FolderRecord) -> list[str]:
    """The files of ephemeral disks that are there and shall be as they are."""
    old = folder.record()
    there = old.disks if old is not None else []
    return [
        disk.file
        for disk in record.disks
        if disk.role == "ephemeral" and disk in there and (folder.path / disk.file).exists()
    ]
