# SPDX-License-Identifier: Apache-2.0
"""A driver that pretends: it has every group, keeps its guests, and fails when asked to.

[fake] state_path keeps the guests in files: they go on "running" while the compute service is
dead, as real ones do. Faults come from `faults` or from [fake] faults_file; the calls to name
are spawn, destroy, start, stop, reboot, pause, unpause, suspend, resume, report, console,
open_console, attach_interface, detach_interface, set_password, crash_dump, diagnostics,
check_rescue, rescue, unrescue, check_rebuild, rebuild, ssh, snapshot, drop_snapshot,
device_addresses.
"""

import uuid
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from nova_lite.base import clock
from nova_lite.base.faults import Faults
from nova_lite.domain import errors
from nova_lite.domain.console import ConsoleAddress, ConsoleType
from nova_lite.domain.devices import DeviceAddress, Vif
from nova_lite.domain.diagnostics import CpuDetails, DiskDetails, NicDetails
from nova_lite.domain.diagnostics import Diagnostics as GuestDiagnostics
from nova_lite.domain.host import GuestSeen, Inventory, NodeReport
from nova_lite.domain.instance import Instance
from nova_lite.domain.ssh import SshAddress
from nova_lite.domain.states import PowerState, VmState
from nova_lite.virt.driver import (
    STATE_WORDS,
    ConsoleLog,
    Consoles,
    CrashDump,
    Diagnostics,
    DriveContent,
    Events,
    GuestEvent,
    Interfaces,
    Password,
    Pause,
    Power,
    Rebuild,
    RebuildSpec,
    Rescue,
    RescueSpec,
    Snapshots,
    SpawnSpec,
    Ssh,
    Suspend,
    capabilities,
)
from nova_lite.virt.fake.addresses import addresses_of
from nova_lite.virt.fake.console import console_text, last_lines
from nova_lite.virt.fake.guests import FakeGuest, Guests, disks_of
from nova_lite.virt.fake.snapshots import FakeSnapshots

_SPACE = uuid.UUID("1c1d7fd2-0a44-4c5e-93d1-7a3a1f8e55b0")
VERSION = 1_000_000
TRAITS = [
    "COMPUTE_GRAPHICS_MODEL_VGA",
    "COMPUTE_GRAPHICS_MODEL_VIRTIO",
    "COMPUTE_NET_VIF_MODEL_E1000",
    "COMPUTE_NET_VIF_MODEL_VIRTIO",
    "COMPUTE_NET_VIRTIO_PACKED",
    "COMPUTE_NODE",
    "COMPUTE_SOUND_MODEL_ICH6",
    "COMPUTE_STORAGE_BUS_IDE",
    "COMPUTE_STORAGE_BUS_SATA",
    "COMPUTE_STORAGE_BUS_SCSI",
    "COMPUTE_STORAGE_BUS_USB",
    "COMPUTE_STORAGE_BUS_VIRTIO",
    "CUSTOM_CPU_LIMITS",
    "CUSTOM_FIRMWARE_UEFI",
    "HW_CPU_X86_AESNI",
    "HW_CPU_X86_SSE2",
]
FEATURES = ["aes", "sse2"]
# Where consoles pretend to be.
FIRST_PORT, PORTS = 30_000, 20_000

RUNNING, PAUSED, OFF = PowerState.RUNNING, PowerState.PAUSED, PowerState.SHUTDOWN


class _Machine:
    """One pretended host, shared by the driver and its groups."""

    def __init__(self, conf: Any, faults: Faults) -> None:
        self.faults = faults
        self.host = ""
        self.guests = Guests(None)
        self.spawn_delay: float = conf.fake.spawn_delay
        self._folder = conf.fake.state_path
        self._listeners: list[Callable[[GuestEvent], None]] = []

    def open(self, host: str) -> None:
        self.host = host
        if self._folder:
            self.guests = Guests(Path(self._folder) / "guests" / host)

    def meet(self, call: str, instance: Instance | None = None) -> None:
        """The place where faults strike."""
        name = instance.uuid if instance else self.host
        self.faults.meet(
            call,
            fail=lambda reason: _failure(call, name, reason),
            abort=lambda reason: errors.BuildAborted(instance_id=name, reason=reason),
            host=self.host,
            uuid=instance.uuid if instance else None,
        )

    def listen(self, callback: Callable[[GuestEvent], None]) -> None:
        self._listeners.append(callback)

    def become(self, guest: FakeGuest, state: PowerState, **changes: Any) -> PowerState:
        """Write the new state, and tell who listens."""
        self.guests.put(replace(guest, power_state=state, **changes))
        for callback in self._listeners:
            callback(GuestEvent(uuid=guest.uuid, power_state=state))
        return state

    def boot(self, guest: FakeGuest) -> PowerState:
        return self.become(guest, RUNNING, defined=True, suspended=False, boots=guest.boots + 1)


def _drive(content: DriveContent | None, found: list[DeviceAddress]) -> list[str] | None:
    """The names of the files on a config drive."""
    return None if content is None else sorted(content(found))


def _failure(call: str, name: str, reason: str) -> errors.NovaLiteError:
    if call == "spawn":
        return errors.FaultedBuild(instance_id=name, reason=reason)
    return errors.GuestOperationFailed(operation=call, name=name, reason=reason)


class FakePower:
    def __init__(self, machine: _Machine) -> None:
        self._machine = machine

    def start(self, instance: Instance) -> PowerState:
        self._machine.meet("start", instance)
        guest = self._machine.guests.get(instance)
        if guest.power_state in (RUNNING, PAUSED):
            return guest.power_state
        return self._machine.boot(guest)

    def stop(self, instance: Instance, timeout: int) -> PowerState:
        """A pretended guest obeys at once."""
        self._machine.meet("stop", instance)
        guest = self._machine.guests.get(instance)
        if guest.power_state in (OFF, PowerState.CRASHED):
            return guest.power_state
        return self._machine.become(guest, OFF)

    def reboot(self, instance: Instance, hard: bool) -> PowerState:
        self._machine.meet("reboot_hard" if hard else "reboot", instance)
        guest = self._machine.guests.get(instance)
        if not hard and guest.power_state is not RUNNING:
            raise errors.GuestOperationFailed(
                operation="reboot", name=guest.name, reason="it does not run"
            )
        if instance.vm_state is not VmState.RESCUED:
            guest = replace(guest, rescued=None)
        return self._machine.boot(guest)


class FakePause:
    def __init__(self, machine: _Machine) -> None:
        self._machine = machine

    def pause(self, instance: Instance) -> PowerState:
        self._machine.meet("pause", instance)
        guest = self._machine.guests.get(instance)
        if guest.power_state not in (RUNNING, PAUSED):
            raise errors.GuestOperationFailed(
                operation="pause", name=guest.name, reason="it does not run"
            )
        return self._machine.become(guest, PAUSED)

    def unpause(self, instance: Instance) -> PowerState:
        self._machine.meet("unpause", instance)
        guest = self._machine.guests.get(instance)
        if guest.power_state not in (RUNNING, PAUSED):
            raise errors.GuestOperationFailed(
                operation="unpause", name=guest.name, reason="it does not run"
            )
        return self._machine.become(guest, RUNNING)


class FakeSuspend:
    def __init__(self, machine: _Machine) -> None:
        self._machine = machine

    def suspend(self, instance: Instance) -> PowerState:
        self._machine.meet("suspend", instance)
        guest = self._machine.guests.get(instance)
        if guest.power_state in (RUNNING, PAUSED):
            return self._machine.become(guest, OFF, suspended=True)
        return guest.power_state

    def resume(self, instance: Instance) -> PowerState:
        """A guest without saved memory is started anew."""
        self._machine.meet("resume", instance)
        guest = self._machine.guests.get(instance)
        if guest.power_state is RUNNING:
            return RUNNING
        if guest.suspended:
            return self._machine.become(guest, RUNNING, suspended=False)
        return self._machine.boot(guest)


class FakeConsoleLog:
    def __init__(self, machine: _Machine) -> None:
        self._machine = machine

    def console_output(self, instance: Instance, length: int | None) -> str:
        self._machine.meet("console", instance)
        return last_lines(console_text(self._machine.guests.get(instance)), length)


class FakeConsoles:
    """Nobody listens there, unless a test does (`places`: (uuid, type) -> address)."""

    def __init__(self, machine: _Machine) -> None:
        self._machine = machine
        self.places: dict[tuple[str, ConsoleType], ConsoleAddress] = {}

    def address(self, instance: Instance, kind: ConsoleType) -> ConsoleAddress:
        self._machine.meet("open_console", instance)
        guest = self._machine.guests.get(instance)
        if guest.power_state not in (RUNNING, PAUSED):
            raise errors.InstanceNotReady(instance_id=instance.uuid)
        port = FIRST_PORT + zlib.crc32(f"{instance.uuid} {kind}".encode()) % PORTS
        usual = ConsoleAddress(host="127.0.0.1", port=port)
        return self.places.get((instance.uuid, kind), usual)


class FakeInterfaces:
    def __init__(self, machine: _Machine) -> None:
        self._machine = machine

    def attach(self, instance: Instance, vif: Vif) -> None:
        self._machine.meet("attach_interface", instance)
        guest = self._machine.guests.get(instance)
        if vif.port_id not in guest.ports:
            self._machine.guests.put(replace(guest, ports=[*guest.ports, vif.port_id]))

    def detach(self, instance: Instance, vif: Vif) -> None:
        self._machine.meet("detach_interface", instance)
        guest = self._machine.guests.get(instance)
        left = [port for port in guest.ports if port != vif.port_id]
        self._machine.guests.put(replace(guest, ports=left))


class FakePassword:
    def __init__(self, machine: _Machine) -> None:
        self._machine = machine

    def set_password(self, instance: Instance, user: str, password: str) -> None:
        self._machine.meet("set_password", instance)
        guest = self._machine.guests.get(instance)
        if guest.power_state is not RUNNING:
            raise errors.GuestOperationFailed(
                operation="set the password of", name=guest.name, reason="it does not run"
            )
        passwords = {**guest.passwords, user: password}
        self._machine.guests.put(replace(guest, passwords=passwords))


class FakeCrashDump:
    def __init__(self, machine: _Machine) -> None:
        self._machine = machine

    def trigger(self, instance: Instance) -> None:
        self._machine.meet("crash_dump", instance)
        guest = self._machine.guests.get(instance)
        self._machine.guests.put(replace(guest, dumps=guest.dumps + 1))


class FakeDiagnostics:
    def __init__(self, machine: _Machine) -> None:
        self._machine = machine

    def read(self, instance: Instance) -> GuestDiagnostics:
        self._machine.meet("diagnostics", instance)
        guest = self._machine.guests.get(instance)
        return GuestDiagnostics(
            state=STATE_WORDS[guest.power_state],
            driver="libvirt",  # clients know no other word for what we pretend to be
            hypervisor="fake",
            hypervisor_os="linux",
            config_drive=instance.config_drive,
            memory_maximum=guest.memory_mb,
            memory_used=guest.memory_mb,
            cpus=[CpuDetails(id=number, time=0) for number in range(guest.vcpus)],
            disks=[DiskDetails(name="vda", read_bytes=0, write_bytes=0, errors_count=0)],
            nics=[
                NicDetails(name=f"tap{vif.port_id[:11]}", mac_address=vif.mac)
                for vif in instance.vifs
            ],
        )


class FakeSsh:
    """Ports at which nobody listens: what is told of them is all there is."""

    FIRST, COUNT = 22000, 1000

    def __init__(self, machine: _Machine) -> None:
        self._machine = machine

    def address(self, instance: Instance) -> SshAddress:
        self._machine.meet("ssh", instance)
        guest = self._machine.guests.get(instance)
        if guest.power_state not in (PowerState.RUNNING, PowerState.PAUSED):
            raise errors.InstanceNotReady(instance_id=instance.uuid)
        if not any(vif.vif_type == "user" for vif in instance.vifs):
            raise errors.SshNotForwarded(instance_id=instance.uuid)
        port = self.FIRST + zlib.crc32(instance.uuid.encode()) % self.COUNT
        return SshAddress(host=self._machine.host, address="127.0.0.1", port=port)


class FakeRescue:
    def __init__(self, machine: _Machine) -> None:
        self._machine = machine

    def check(self, spec: RescueSpec) -> None:
        self._machine.meet("check_rescue", spec.instance)
        self._machine.guests.get(spec.instance)

    def rescue(self, spec: RescueSpec) -> PowerState:
        guest = self._machine.guests.get(spec.instance)
        if guest.rescued is not None and guest.power_state is RUNNING:
            return RUNNING
        self._machine.meet("rescue", spec.instance)
        _drive(spec.config_drive, addresses_of(guest, spec.instance))
        return self._machine.boot(replace(guest, rescued=str(spec.image.path)))

    def unrescue(self, instance: Instance, start: bool) -> PowerState:
        self._machine.meet("unrescue", instance)
        guest = self._machine.guests.get(instance)
        if guest.rescued is not None:
            guest = self._machine.guests.put(replace(guest, rescued=None, power_state=OFF))
        if start and guest.power_state in (OFF, PowerState.CRASHED):
            return self._machine.boot(guest)
        return guest.power_state


class FakeRebuild:
    def __init__(self, machine: _Machine) -> None:
        self._machine = machine

    def is_done(self, instance: Instance, token: str) -> bool:
        guest = self._machine.guests.find(instance.uuid)
        return guest is not None and guest.defined and guest.token == token

    def check(self, spec: RebuildSpec) -> None:
        self._machine.meet("check_rebuild", spec.instance)

    def rebuild(self, spec: RebuildSpec) -> PowerState:
        instance = spec.instance
        if not self.is_done(instance, spec.token):
            if self._machine.guests.find(instance.uuid) is not None:
                self._machine.guests.remove(instance.uuid)
            self._machine.meet("rebuild", instance)
            disks = disks_of(instance, spec.root.path)
            drive = _drive(spec.config_drive, addresses_of(disks, instance))
            made = replace(disks, token=spec.token, config_drive=drive)
            self._machine.guests.put(replace(made, defined=True, power_state=OFF))
        guest = self._machine.guests.get(instance)
        if spec.start and guest.power_state is not RUNNING:
            return self._machine.boot(guest)
        return guest.power_state


class FakeEvents:
    def __init__(self, machine: _Machine) -> None:
        self._machine = machine

    def listen(self, callback: Callable[[GuestEvent], None]) -> None:
        self._machine.listen(callback)


class FakeDriver:
    """See virt/driver.py. One object is one host; a process may hold many."""

    name = "fake"
    blocking = False
    reads_images = False

    def __init__(self, conf: Any, faults: Faults | None = None) -> None:
        file = conf.fake.faults_file
        self.faults = faults or Faults(Path(file) if file else None)
        self._conf = conf
        self._machine = _Machine(conf, self.faults)
        self.power: Power = FakePower(self._machine)
        self.pause: Pause | None = FakePause(self._machine)
        self.suspend: Suspend | None = FakeSuspend(self._machine)
        self.console_log: ConsoleLog | None = FakeConsoleLog(self._machine)
        self.consoles: Consoles | None = FakeConsoles(self._machine)
        self.interfaces: Interfaces | None = FakeInterfaces(self._machine)
        self.password: Password | None = FakePassword(self._machine)
        self.crash_dump: CrashDump | None = FakeCrashDump(self._machine)
        self.diagnostics: Diagnostics | None = FakeDiagnostics(self._machine)
        state = conf.fake.state_path
        self.snapshots: Snapshots | None = FakeSnapshots(
            self._machine, Path(state) / "snapshots" if state else None
        )
        self.rescue: Rescue | None = FakeRescue(self._machine)
        self.rebuild: Rebuild | None = FakeRebuild(self._machine)
        self.ssh: Ssh | None = FakeSsh(self._machine)
        self.events: Events | None = FakeEvents(self._machine)

    def start(self, host: str) -> None:
        try:
            self._machine.open(host)
        except OSError as error:
            raise errors.ConfigurationError(
                option="[fake] state_path", reason=f"{error.filename}: {error.strerror}"
            ) from error

    def nodes(self) -> list[str]:
        return [self._machine.host]

    def report(self, node: str) -> NodeReport:
        self._machine.meet("report")
        options = self._conf.fake
        running = [guest for guest in self._machine.guests.all() if guest.defined]
        return NodeReport(
            node_uuid=str(uuid.uuid5(_SPACE, node)),
            hypervisor_hostname=node,
            hypervisor_type="fake",
            hypervisor_version=VERSION,
            host_ip=str(self._conf.my_ip),
            inventory={
                "VCPU": Inventory(total=options.vcpus, max_unit=options.vcpus),
                "MEMORY_MB": Inventory(total=options.memory_mb, max_unit=options.memory_mb),
                "DISK_GB": Inventory(total=options.disk_gb, max_unit=max(options.disk_gb, 1)),
            },
            traits=TRAITS,
            supported=[("x86_64", "fake", "hvm"), ("i686", "fake", "hvm")],
            cpu_info={
                "arch": "x86_64",
                "model": "fake",
                "vendor": "fake",
                "features": FEATURES,
                "topology": {"sockets": 1, "cores": options.vcpus, "threads": 1},
            },
            disk_available_least=max(
                0, options.disk_gb - sum(g.disk_gb for g in self._machine.guests.all())
            ),
            local_gb_used=sum(guest.disk_gb for guest in self._machine.guests.all()),
            memory_mb_used=sum(guest.memory_mb for guest in running),
            running_vms=sum(1 for guest in running if guest.power_state is RUNNING),
            capabilities=capabilities(self),
        )

    def spawn(self, spec: SpawnSpec) -> PowerState:
        guest = self._machine.guests.find(spec.instance.uuid)
        if guest is not None and guest.defined and guest.power_state is RUNNING:
            return RUNNING
        if guest is None:
            disks = disks_of(spec.instance, spec.root.path if spec.root else None)
            drive = _drive(spec.config_drive, addresses_of(disks, spec.instance))
            guest = self._machine.guests.put(replace(disks, config_drive=drive))
        try:
            self._machine.meet("spawn", spec.instance)
        except errors.NovaLiteError:
            self._machine.guests.remove(spec.instance.uuid)
            raise
        if self._machine.spawn_delay:
            clock.sleep(self._machine.spawn_delay)
        return self._machine.boot(guest)

    def destroy(self, instance: Instance, keep_disks: bool = False) -> None:
        self._machine.meet("destroy", instance)
        guest = self._machine.guests.find(instance.uuid)
        if guest is None:
            return
        if keep_disks:
            self._machine.become(guest, PowerState.NOSTATE, defined=False)
        else:
            self._machine.guests.remove(instance.uuid)

    def power_state(self, instance: Instance) -> PowerState:
        return self._machine.guests.get(instance).power_state

    def device_addresses(self, instance: Instance) -> list[DeviceAddress]:
        self._machine.meet("device_addresses", instance)
        return addresses_of(self._machine.guests.get(instance), instance)

    def list_guests(self) -> list[GuestSeen]:
        return [
            GuestSeen(name=guest.name, uuid=guest.uuid, power_state=guest.power_state)
            for guest in self._machine.guests.all()
        ]

    def image_in_use(self, path: Path) -> bool:
        return any(str(path) in (one.root, one.rescued) for one in self._machine.guests.all())

    # --- what happens without us, for tests -----------------------------------------------

    def guest_becomes(self, guest_uuid: str, state: PowerState) -> None:
        """The guest halts, crashes, or is handled by somebody else. LookupError if unknown."""
        guest = self._machine.guests.find(guest_uuid)
        if guest is None:
            raise LookupError(f"there is no guest {guest_uuid}")
        self._machine.become(guest, state)
