# SPDX-License-Identifier: Apache-2.0
"""Booting a guest from another disk, with its own disks beside it, and back.

disk.info says first what is going to be there, and last that it is gone, so that whoever comes
after a crash finds the disk and the definition of the rescue whatever was done.
"""

from pathlib import Path

from msgspec.structs import replace

from nova_lite.base import process
from nova_lite.domain import device_tags
from nova_lite.domain.devices import DeviceAddress
from nova_lite.domain.errors import GuestNotFound, GuestOperationFailed
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import PowerState
from nova_lite.virt.driver import RescueSpec
from nova_lite.virt.libvirt.definition import Definitions
from nova_lite.virt.libvirt.disk import configdrive
from nova_lite.virt.libvirt.disk.configdrive import ConfigDrives
from nova_lite.virt.libvirt.disk.layout import DiskRecord, FolderRecord, RescueRecord
from nova_lite.virt.libvirt.disk.qcow2 import Qcow2Disks
from nova_lite.virt.libvirt.disk.raw import RawDisks
from nova_lite.virt.libvirt.guest import Guest, Guests
from nova_lite.virt.libvirt.spawn import without_paths
from nova_lite.virt.libvirt.spec import SpecError, cdrom_bus
from nova_lite.virt.libvirt.xml import parse

FILE, DRIVE_FILE = "disk.rescue", "disk.config.rescue"
# Properties of the image that the guest is rescued with.
DEVICE_PROPERTY, BUS_PROPERTY = "hw_rescue_device", "hw_rescue_bus"
DEVICES = ("disk", "cdrom")


class LibvirtRescue:
    """The rescue group. `roots` and `drives`: how disks are made of images, and config drives,
    on this host."""

    def __init__(
        self,
        guests: Guests,
        definitions: Definitions,
        roots: Qcow2Disks | RawDisks,
        drives: ConfigDrives,
    ) -> None:
        self._drives = drives
        self._guests = guests
        self._definitions = definitions
        self._roots = roots

    def check(self, spec: RescueSpec) -> None:
        record = self._definitions.record(spec.instance)
        try:
            wanted = replace(record, rescue=self._plan(spec, record))
            self._definitions.check(spec.instance, wanted)
        except SpecError as error:
            name = spec.instance.guest_name or spec.instance.uuid
            raise _failed(self._guests.get(spec.instance.uuid, name), str(error)) from error

    def rescue(self, spec: RescueSpec) -> PowerState:
        instance = spec.instance
        guest = self._guests.get(instance.uuid, instance.guest_name)
        record = self._definitions.record(instance)
        path = self._definitions.folder(instance).path / FILE
        if self._runs_from(guest, path):
            return guest.power_state()
        try:
            wanted = replace(record, rescue=self._plan(spec, record))
            self._definitions.check(instance, wanted)
            before = self._addresses(spec)
            self._make_disks(spec, wanted, before)
            self._turn_off(guest)
            self._definitions.define(instance, wanted)
            if before != (after := self._addresses(spec)):
                self._make_drive(spec, wanted, after)
        except SpecError as error:
            raise _failed(guest, str(error)) from error
        except (process.CommandError, OSError) as error:
            reason = f"its disk cannot be made: {without_paths(error)}"
            raise _failed(guest, reason) from error
        guest.start()
        return guest.power_state()

    def unrescue(self, instance: Instance, start: bool) -> PowerState:
        guest = self._guests.get(instance.uuid, instance.guest_name)
        record = self._definitions.record(instance)
        if record.rescue is not None:
            path = self._definitions.folder(instance).path / record.rescue.disk.file
            if self._runs_from(guest, path):
                guest.cut_power()
            self._definitions.define_own(instance, record)
        elif not guest.exists():
            self._definitions.redefine(instance)
        if start and not guest.is_active():
            guest.start()
        return guest.power_state()

    # --- inside ---------------------------------------------------------------------------

    def _runs_from(self, guest: Guest, path: Path) -> bool:
        try:
            return guest.is_active() and str(path) in parse.files_of(guest.xml(live=True))
        except GuestNotFound:
            return False

    def _plan(self, spec: RescueSpec, record: FolderRecord) -> RescueRecord:
        overlay = self._roots.format == "qcow2"
        disk = DiskRecord(
            role="rescue",
            file=FILE,
            format=self._roots.format,
            size=spec.image.virtual_size,
            base=str(spec.image.path) if overlay else None,
        )
        drive = _drive_of(record) if spec.config_drive is not None else None
        device, bus = spec.properties.get(DEVICE_PROPERTY), spec.properties.get(BUS_PROPERTY)
        if not device and not bus:
            return RescueRecord(disk=disk, drive=drive)
        return RescueRecord(
            disk=disk,
            drive=drive,
            stable=True,
            device=checked_device(device, bus),
            bus=bus or self._usual_bus(spec.instance, device, record),
        )

    def _usual_bus(
        self, instance: Instance, device: str | None, record: FolderRecord
    ) -> str | None:
        if device != "cdrom":
            return None
        return cdrom_bus(instance, record.machine, self._definitions.options)

    def _addresses(self, spec: RescueSpec) -> list[DeviceAddress]:
        """Of the devices that the config drive tells of."""
        try:
            found = self._definitions.addresses(spec.instance)
        except GuestNotFound:
            return []
        return device_tags.of_tagged(spec.instance, found)

    def _make_disks(
        self, spec: RescueSpec, wanted: FolderRecord, addresses: list[DeviceAddress]
    ) -> None:
        folder = self._definitions.folder(spec.instance)
        folder.write(wanted)
        path, drive = folder.path / FILE, folder.path / DRIVE_FILE
        for old in (path, drive):
            old.unlink(missing_ok=True)
        self._roots.make(path, spec.image, spec.image.virtual_size)
        path.chmod(0o600)  # libvirt gives it to the emulator's user
        self._make_drive(spec, wanted, addresses)

    def _make_drive(
        self, spec: RescueSpec, wanted: FolderRecord, addresses: list[DeviceAddress]
    ) -> None:
        """Before the guest is powered off, so that it is not when this fails; and again where
        its devices are elsewhere in the definition of the rescue."""
        disk = wanted.rescue.drive if wanted.rescue is not None else None
        if disk is not None and spec.config_drive is not None:
            path = self._definitions.folder(spec.instance).path / disk.file
            self._drives.put(path, disk, spec.config_drive(addresses))

    def _turn_off(self, guest: Guest) -> None:
        if not guest.exists():
            return
        if guest.is_active():
            guest.cut_power()
        if guest.has_saved_state():
            guest.drop_saved_state()


def _drive_of(record: FolderRecord) -> DiskRecord | None:
    """The config drive of a rescued guest: like its own, of which there may be none."""
    for disk in record.disks:
        if disk.role == configdrive.ROLE:
            return replace(disk, file=DRIVE_FILE)
    return None


def checked_device(device: str | None, bus: str | None) -> str:
    """What the rescue disk is to the guest. Raises SpecError."""
    device = device or "disk"
    if device not in DEVICES:
        raise SpecError(f"{DEVICE_PROPERTY} {device} is none of {', '.join(DEVICES)}")
    if device == "cdrom" and bus == "virtio":
        raise SpecError(f"there is no {device} on the bus {bus}")
    return device


def _failed(guest: Guest, reason: str) -> GuestOperationFailed:
    return GuestOperationFailed(operation="rescue", name=guest.name, reason=reason)
