# SPDX-License-Identifier: Apache-2.0
"""A server as libvirt's XML, with this host's options and the folder that its disks are in."""

from pathlib import Path

from msgspec.structs import replace

from nova_lite.base import concurrency
from nova_lite.domain.devices import DeviceAddress
from nova_lite.domain.errors import GuestNotFound, GuestOperationFailed
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import VmState
from nova_lite.virt.libvirt import ports, spec
from nova_lite.virt.libvirt.disk import plan
from nova_lite.virt.libvirt.disk.layout import FolderRecord, GuestFolder
from nova_lite.virt.libvirt.guest import Guests
from nova_lite.virt.libvirt.guestspec import GuestSpec
from nova_lite.virt.libvirt.xml import domain_xml
from nova_lite.virt.libvirt.xml.addresses import places_of


class Definitions:
    """Writes definitions. What the host's options are is known when the driver has started."""

    def __init__(self, guests: Guests, instances: Path) -> None:
        self._guests = guests
        self._instances = instances
        self._options: spec.HostOptions | None = None
        # a port that was chosen is taken only when the definition is written
        self._defining = concurrency.original("threading").Lock()

    def use(self, options: spec.HostOptions) -> None:
        """From now on."""
        self._options = options

    @property
    def options(self) -> spec.HostOptions:
        if self._options is None:
            raise RuntimeError("the driver is not started")
        return self._options

    def folder(self, instance: Instance) -> GuestFolder:
        return GuestFolder(self._instances, instance.uuid)

    def machine(self, instance: Instance) -> str:
        """The machine type of a new guest."""
        return spec.machine_type(instance, self.options)

    def check(self, instance: Instance, record: FolderRecord | None = None) -> None:
        """Raise SpecError when no guest could be made of this server (with these disks), before
        disks are."""
        disks = self.folder(instance).disks(record) if record else []
        machine = record.machine if record else None
        spec.build(instance, disks, "", self.options, machine=machine)

    def define(self, instance: Instance, record: FolderRecord) -> None:
        """Write or replace the definition. Raises SpecError and libvirt's troubles."""
        folder = self.folder(instance)
        with self._defining:
            built = spec.build(
                instance,
                folder.disks(record),
                str(folder.console),
                self.options,
                machine=record.machine,
                serial_port=self._serial_port(instance),
            )
            self._define(instance, built)

    def _serial_port(self, instance: Instance) -> int | None:
        """One that no other guest has; the one that this guest had, where that is so."""
        options = self.options
        if options.serial_listen is None:
            return None
        taken = self._guests.serial_ports()
        had = taken.pop(instance.uuid, None)
        port = ports.choose(options.serial_listen, options.serial_ports, set(taken.values()), had)
        if port is None:
            raise spec.SpecError("all ports of [serial_console] port_range are taken")
        return port

    def _define(self, instance: Instance, built: GuestSpec) -> None:
        if self._guests.name_is_taken(built.name, instance.uuid):
            # Somebody else's guest, which is left alone; guests are found by uuid anyway.
            built = replace(built, name=f"{built.name}-{instance.uuid[:8]}")
        self._guests.define(domain_xml(built), built.name)

    def addresses(self, instance: Instance) -> list[DeviceAddress]:
        """Where libvirt has put the devices of the guest that runs, or else of the one that is
        defined. Raises GuestNotFound."""
        guest = self._guests.get(instance.uuid, instance.guest_name)
        folder = self.folder(instance).path
        known = {str(folder / name): device for name, device in plan.files(instance).items()}
        found = []
        for place in places_of(guest.xml(live=guest.is_active())):
            at = DeviceAddress(bus=place.bus, address=place.address)
            if place.mac:
                found.append(replace(at, mac=place.mac))
            elif place.file in known:
                path, disk = f"/dev/{place.target}", known[place.file].uuid
                found.append(replace(at, block_device=disk, path=path))
        return found

    def redefine(self, instance: Instance) -> None:
        """The same of a server that was made before. What is left of the rescue of one that is
        not rescued goes. Raises GuestNotFound when there is nothing of it here,
        GuestOperationFailed when it cannot be made any more."""
        record = self.record(instance)
        if record.rescue is not None and instance.vm_state is not VmState.RESCUED:
            self.define_own(instance, record)
        else:
            self._define_again(instance, record)

    def define_own(self, instance: Instance, record: FolderRecord) -> None:
        """From its own disks; what it is rescued with is removed. Raises as `redefine`."""
        self._define_again(instance, replace(record, rescue=None))
        self.folder(instance).forget_rescue(record)

    def record(self, instance: Instance) -> FolderRecord:
        """What is known of the server's disks here. Raises GuestNotFound."""
        found = self.folder(instance).record()
        if found is None:
            raise GuestNotFound(name=instance.guest_name or instance.uuid)
        return found

    def _define_again(self, instance: Instance, record: FolderRecord) -> None:
        try:
            self.define(instance, record)
        except spec.SpecError as error:
            raise GuestOperationFailed(
                operation="define",
                name=instance.guest_name or instance.uuid,
                reason=str(error),
            ) from error
