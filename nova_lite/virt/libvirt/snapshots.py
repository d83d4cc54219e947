# SPDX-License-Identifier: Apache-2.0
"""Copies of root disks that stand on nothing else.

A guest that has a process is mirrored while it goes on: what it writes meanwhile is in the copy
too, and the copy is the disk as it is when the mirror is taken away. The file systems inside are
frozen for that moment where there is an agent. The disk of a guest that is off is converted.

A copy has its name when it is complete. Until then it is called something that nobody guesses,
because the emulator, another user, has to write to it, and it is readable.
"""

import contextlib
import logging
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from nova_lite.base import clock, concurrency, process
from nova_lite.domain.errors import (
    ConfigurationError,
    GuestNotFound,
    GuestOperationFailed,
    HypervisorUnavailable,
)
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import PowerState
from nova_lite.virt.driver import SnapshotFile
from nova_lite.virt.libvirt import wishes
from nova_lite.virt.libvirt.definition import Definitions
from nova_lite.virt.libvirt.disk.access import PASS_THROUGH
from nova_lite.virt.libvirt.disk.layout import DiskRecord
from nova_lite.virt.libvirt.guest import Guest, Guests
from nova_lite.virt.libvirt.xml import copy_xml, parse
from nova_lite.virt.qemu_img import QemuImg

LOG = logging.getLogger(__name__)

AGENT_PROPERTY: Final = "hw_qemu_guest_agent"
QUIESCE_PROPERTY: Final = "os_require_quiesce"
FORMATS: Final = ("qcow2", "raw")
PART: Final = ".part-"
OLD: Final = 48 * 3600.0  # seconds after which nobody can want a copy any more
POLL: Final = 0.2
UNREACHABLE: Final = 30.0  # seconds that a mirror is waited for while libvirt does not answer
NO_ROOM: Final = 1 << 20  # a disk with less than that many bytes is full

Wanted = Callable[[], bool]


class LibvirtSnapshots:
    """The snapshots group. `image_format` None: the one of the disk. `compress`: qcow2 alone."""

    def __init__(
        self,
        guests: Guests,
        definitions: Definitions,
        qemu_img: QemuImg,
        folder: Path,
        *,
        image_format: str | None,
        compress: bool,
    ) -> None:
        self._guests = guests
        self._definitions = definitions
        self._qemu_img = qemu_img
        self._folder = folder
        self._format = image_format
        self._compress = compress

    def prepare(self) -> None:
        """At start: make the folder, and remove what is so old that it was forgotten. The driver
        closes it to others. Raises ConfigurationError."""
        try:
            self._folder.mkdir(mode=PASS_THROUGH, parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(
                option="[libvirt] snapshots_directory",
                reason=f"{self._folder} cannot be used: {error.strerror}",
            ) from error
        before = clock.now().timestamp() - OLD
        for path in self._folder.iterdir():
            with contextlib.suppress(FileNotFoundError):
                if path.is_file() and path.stat().st_mtime < before:
                    LOG.info("Removing the forgotten copy %s", path.name)
                    path.unlink()

    def take(self, instance: Instance, name: str, wanted: Wanted) -> SnapshotFile:
        guest = self._guests.get(instance.uuid, instance.guest_name)
        disk = self._root(instance, guest)
        found = self._find(name)
        if found is not None:
            return found
        self._remove_parts(name)
        image_format = self._format or disk.format
        path = self._folder / f"{name}.{image_format}"
        try:
            with self._part(name) as part:
                self._copy(instance, guest, disk, part, image_format, wanted)
                if self._compress and image_format == "qcow2":
                    with self._part(name) as small:
                        self._convert(part, image_format, small, image_format, wanted)
                        small.replace(part)
                _close(part)
                part.replace(path)
        except process.CommandError as error:
            raise _failed(guest, self._without_paths(error.reason, instance)) from error
        except OSError as error:
            raise _failed(guest, error.strerror or str(error)) from error
        made = self._find(name)
        if made is None:
            raise _failed(guest, "the copy was removed")
        return made

    def drop(self, instance: Instance, name: str) -> None:
        for image_format in FORMATS:
            (self._folder / f"{name}.{image_format}").unlink(missing_ok=True)
        self._remove_parts(name)

    # --- where things are -----------------------------------------------------------------

    def _root(self, instance: Instance, guest: Guest) -> DiskRecord:
        for disk in self._definitions.record(instance).disks:
            if disk.role == "root":
                return disk
        raise _failed(guest, "it has no disk of its own to copy")

    def _find(self, name: str) -> SnapshotFile | None:
        for image_format in FORMATS:
            path = self._folder / f"{name}.{image_format}"
            if path.is_file():
                size = self._qemu_img.info(path, image_format).virtual_size
                return SnapshotFile(path=path, format=image_format, virtual_size=size)
        return None

    @contextlib.contextmanager
    def _part(self, name: str) -> Iterator[Path]:
        path = self._folder / f"{PART}{name}-{secrets.token_hex(8)}"
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def _remove_parts(self, name: str) -> None:
        for path in self._folder.glob(f"{PART}{name}-*"):
            path.unlink(missing_ok=True)

    def _without_paths(self, text: str, instance: Instance) -> str:
        for folder in (self._folder, self._definitions.folder(instance).path):
            text = text.replace(f"{folder}/", "")
        return text

    # --- copying --------------------------------------------------------------------------

    def _copy(
        self,
        instance: Instance,
        guest: Guest,
        disk: DiskRecord,
        part: Path,
        image_format: str,
        wanted: Wanted,
    ) -> None:
        source = self._definitions.folder(instance).path / disk.file
        if guest.is_active():
            try:
                self._mirror(instance, guest, source, part, image_format, wanted)
                return
            except (GuestOperationFailed, GuestNotFound):
                if not wanted() or not guest.exists() or guest.is_active():
                    raise
            LOG.info("Guest %s went off while its disk was copied: once more", guest.name)
            part.unlink(missing_ok=True)
        self._convert(source, disk.format, part, image_format, wanted)

    def _convert(
        self, source: Path, source_format: str, part: Path, image_format: str, wanted: Wanted
    ) -> None:
        compress = self._compress and image_format == "qcow2"
        self._qemu_img.convert(
            source, source_format, part, image_format, compress=compress, wanted=wanted
        )

    def _mirror(
        self,
        instance: Instance,
        guest: Guest,
        source: Path,
        part: Path,
        image_format: str,
        wanted: Wanted,
    ) -> None:
        device = parse.target_of(guest.xml(live=True), str(source))
        if device is None:
            raise _failed(guest, "it does not run from its own disk")
        self._stop_left_over(instance, guest, device)
        self._qemu_img.create(part, image_format, guest.capacity(device))
        part.chmod(0o644)  # we read it again, whosever it is then
        guest.mirror(device, copy_xml(str(part), image_format))
        try:
            self._wait_until_equal(guest, device, wanted)
            with self._frozen(instance, guest):
                self._wait_until_equal(guest, device, wanted)
                guest.end_mirror(device)
        except BaseException:
            self._break_off(guest, device)
            raise

    def _wait_until_equal(self, guest: Guest, device: str, wanted: Wanted) -> None:
        pause = concurrency.original("threading").Event()
        patience = clock.monotonic() + UNREACHABLE
        while True:
            if not wanted():
                raise _failed(guest, "it is not wanted any more")
            try:
                equal = parse.mirror_of(guest.xml(live=True), device)
                patience = clock.monotonic() + UNREACHABLE
            except HypervisorUnavailable:
                if clock.monotonic() >= patience:
                    raise
                equal = False
            if equal is None:
                raise _failed(guest, self._why_broken())
            if equal:
                return
            pause.wait(POLL)

    def _why_broken(self) -> str:
        if shutil.disk_usage(self._folder).free < NO_ROOM:
            return "no space is left for the copy"
        return "the copy was broken off by the emulator"

    def _stop_left_over(self, instance: Instance, guest: Guest, device: str) -> None:
        """What a compute service that died has begun."""
        if parse.mirror_of(guest.xml(live=True), device) is None:
            return
        LOG.info("Guest %s has a mirror that nobody waits for: it is stopped", guest.name)
        self._break_off(guest, device)
        if _has_agent(instance):
            with contextlib.suppress(GuestOperationFailed):
                guest.thaw_files()

    def _break_off(self, guest: Guest, device: str) -> None:
        try:
            if parse.mirror_of(guest.xml(live=True), device) is not None:
                guest.end_mirror(device)
        except (GuestNotFound, GuestOperationFailed) as error:
            LOG.info("Guest %s: %s", guest.name, error.message)

    # --- a moment's rest inside -----------------------------------------------------------

    @contextlib.contextmanager
    def _frozen(self, instance: Instance, guest: Guest) -> Iterator[None]:
        """Its file systems are frozen, where it runs and has an agent. Where it must be so and
        cannot, GuestOperationFailed."""
        must = wishes.flag(instance.image_properties.get(QUIESCE_PROPERTY)) is True
        frozen = False
        if guest.power_state() is PowerState.RUNNING:
            frozen = self._freeze(instance, guest, must)
        try:
            yield
        finally:
            if frozen:
                self._thaw(guest)

    def _freeze(self, instance: Instance, guest: Guest, must: bool) -> bool:
        if not _has_agent(instance):
            if must:
                raise _failed(guest, f"{QUIESCE_PROPERTY} needs {AGENT_PROPERTY}")
            return False
        try:
            guest.freeze_files()
        except GuestOperationFailed as error:
            if must:
                raise
            LOG.warning("Guest %s is copied without a rest: %s", guest.name, error.message)
            return False
        return True

    def _thaw(self, guest: Guest) -> None:
        try:
            guest.thaw_files()
        except (GuestNotFound, GuestOperationFailed) as error:
            LOG.error("The file systems of guest %s stay frozen: %s", guest.name, error.message)


def _has_agent(instance: Instance) -> bool:
    return wishes.flag(instance.image_properties.get(AGENT_PROPERTY)) is True


def _close(part: Path) -> None:
    """For our own eyes, where it is ours."""
    with contextlib.suppress(PermissionError):
        os.chmod(part, 0o600)


def _failed(guest: Guest, reason: str) -> GuestOperationFailed:
    return GuestOperationFailed(operation="snapshot", name=guest.name, reason=reason)
