# SPDX-License-Identifier: Apache-2.0
"""The libvirt driver: it wires the groups together, and has no logic of its own."""

import socket
from contextlib import nullcontext
from pathlib import Path

from oslo_config import cfg

from nova_lite.base import concurrency
from nova_lite.base.conf import version
from nova_lite.base.conf.serial_console import bounds
from nova_lite.domain.devices import DeviceAddress
from nova_lite.domain.errors import HypervisorUnavailable
from nova_lite.domain.host import GuestSeen, NodeReport
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import PowerState
from nova_lite.virt.driver import (
    ConsoleLog,
    Consoles,
    CrashDump,
    Diagnostics,
    Events,
    Interfaces,
    Password,
    Pause,
    Power,
    Rebuild,
    Rescue,
    Snapshots,
    SpawnSpec,
    Ssh,
    Suspend,
)
from nova_lite.virt.driver import capabilities as derived
from nova_lite.virt.libvirt import leftovers, options
from nova_lite.virt.libvirt.connection import Connection
from nova_lite.virt.libvirt.console import LibvirtConsoleLog
from nova_lite.virt.libvirt.consoles import LibvirtConsoles
from nova_lite.virt.libvirt.definition import Definitions
from nova_lite.virt.libvirt.disk import layout
from nova_lite.virt.libvirt.disk.configdrive import ConfigDrives
from nova_lite.virt.libvirt.disk.qcow2 import Qcow2Disks
from nova_lite.virt.libvirt.disk.raw import RawDisks
from nova_lite.virt.libvirt.events import LibvirtEvents
from nova_lite.virt.libvirt.forward import SshForwards
from nova_lite.virt.libvirt.freeze import LibvirtPause, LibvirtSuspend
from nova_lite.virt.libvirt.guest import Guests
from nova_lite.virt.libvirt.inside import (
    LibvirtCrashDump,
    LibvirtDiagnostics,
    LibvirtPassword,
)
from nova_lite.virt.libvirt.interfaces import LibvirtInterfaces
from nova_lite.virt.libvirt.inventory import HostInventory, read_host
from nova_lite.virt.libvirt.power import LibvirtPower
from nova_lite.virt.libvirt.rebuild import LibvirtRebuild
from nova_lite.virt.libvirt.rescue import LibvirtRescue
from nova_lite.virt.libvirt.snapshots import LibvirtSnapshots
from nova_lite.virt.libvirt.spawn import Spawner
from nova_lite.virt.qemu_img import QemuImg


class LibvirtDriver:
    """See virt/driver.py for the contract."""

    name = "libvirt"
    blocking = True
    reads_images = True

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._conf = conf
        self._instances = Path(conf.instances_path).absolute()
        self._connection = Connection(options.uri(conf))
        self._guests = Guests(self._connection)
        self._definitions = Definitions(self._guests, self._instances)
        self._inventory: HostInventory | None = None
        roots = _root_disks(conf)
        maker = f"nova_lite {version()}"
        drives = ConfigDrives(conf.config_drive_format, conf.mkisofs_cmd, maker)
        self._spawner = Spawner(
            self._guests,
            self._definitions,
            roots,
            drives,
            preallocate=conf.preallocate_images == "space",
        )
        self.power: Power = LibvirtPower(
            self._guests,
            self._definitions,
            retry_interval=conf.compute.shutdown_retry_interval,
            soft_reboot_timeout=conf.libvirt.wait_soft_reboot_seconds,
        )
        self.pause: Pause | None = LibvirtPause(self._guests)
        self.suspend: Suspend | None = LibvirtSuspend(self._guests)
        self.console_log: ConsoleLog | None = LibvirtConsoleLog(self._instances)
        self.consoles: Consoles | None = LibvirtConsoles(self._guests, options.console_hosts(conf))
        self.interfaces: Interfaces | None = LibvirtInterfaces(
            self._guests,
            attempts=conf.libvirt.device_detach_attempts,
            timeout=conf.libvirt.device_detach_timeout,
        )
        self.password: Password | None = LibvirtPassword(self._guests)
        self.crash_dump: CrashDump | None = LibvirtCrashDump(self._guests)
        self.diagnostics: Diagnostics | None = LibvirtDiagnostics(
            self._guests, conf.libvirt.virt_type
        )
        copies = LibvirtSnapshots(
            self._guests,
            self._definitions,
            QemuImg(conf),
            Path(conf.libvirt.snapshots_directory).absolute(),
            image_format=conf.libvirt.snapshot_image_format,
            compress=conf.libvirt.snapshot_compression,
        )
        self.snapshots: Snapshots | None = copies
        self._prepare_copies = copies.prepare
        self.rescue: Rescue | None = LibvirtRescue(self._guests, self._definitions, roots, drives)
        self.rebuild: Rebuild | None = LibvirtRebuild(
            self._guests, self._definitions, self._spawner
        )
        self.events: Events | None = LibvirtEvents(self._connection, self._guests)
        self._forwards = _forwards(conf, self._guests, self._instances)
        self.ssh: Ssh | None = self._forwards

    def start(self, host: str) -> None:
        options.check_programs()
        options.prepare_folder(self._instances)
        self._prepare_copies()
        self._connection.host = host
        if self._forwards is not None:
            self._forwards.use(host)
        name = self._connection.call(lambda c: str(c.getHostname()), "ask", again=True)
        node = options.node_name(host, name, socket.gethostname())
        facts = read_host(self._connection)
        options.check_host(self._conf.libvirt.virt_type, facts)
        self._close_folders(options.emulator_user(self._conf, facts))
        inventory = HostInventory(self._conf, self._connection, self._guests, node, facts)
        self._definitions.use(
            options.host_options(self._conf, host, inventory.host, inventory.emulator)
        )
        layout.remove_doomed(self._instances)
        self._inventory = inventory

    def _close_folders(self, emulator: int | None) -> None:
        conf = self._conf
        images = self._instances / conf.image_cache.subdirectory_name
        copies = Path(conf.libvirt.snapshots_directory).absolute()
        options.close_folders([images, copies], emulator)
        options.warn_if_closed(self._instances, emulator)

    def nodes(self) -> list[str]:
        return [self._started().node]

    def report(self, node: str) -> NodeReport:
        return self._started().report(derived(self))

    def spawn(self, spec: SpawnSpec) -> PowerState:
        return self._spawner.spawn(spec)

    def destroy(self, instance: Instance, keep_disks: bool = False) -> None:
        self._spawner.destroy(instance, keep_disks)

    def power_state(self, instance: Instance) -> PowerState:
        return self._guests.get(instance.uuid, instance.guest_name).power_state()

    def device_addresses(self, instance: Instance) -> list[DeviceAddress]:
        return self._definitions.addresses(instance)

    def list_guests(self) -> list[GuestSeen]:
        return leftovers.with_folders(self._guests.all(), self._instances, self._connection.host)

    def image_in_use(self, path: Path) -> bool:
        return str(path) in layout.bases_in_use(self._instances)

    def _started(self) -> HostInventory:
        if self._inventory is None:
            reason = "the driver is not started"
            raise HypervisorUnavailable(service="libvirt", host="", reason=reason)
        return self._inventory


def _root_disks(conf: cfg.ConfigOpts) -> Qcow2Disks | RawDisks:
    tool = QemuImg(conf)
    if options.overlays(conf):
        return Qcow2Disks(tool)
    limit = conf.compute.max_concurrent_disk_ops
    threading = concurrency.original("threading")
    return RawDisks(tool, threading.BoundedSemaphore(limit) if limit else nullcontext())


def _forwards(conf: cfg.ConfigOpts, guests: Guests, instances: Path) -> SshForwards | None:
    options = conf.network
    if not options.user_ssh:
        return None
    ports = bounds(options.user_ssh_ports)
    forwards = SshForwards(guests, instances, options.user_ssh_listen, ports)
    guests.when_started(forwards.started)
    return forwards
