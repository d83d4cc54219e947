# SPDX-License-Identifier: Apache-2.0
"""Guests as libvirt knows them: thin and typed. A guest is found by its uuid at each call, so
that it outlives a broken connection."""

from collections.abc import Callable
from typing import Any, TypeVar

from nova_lite.base import clock, concurrency
from nova_lite.domain.errors import (
    GuestNotFound,
    GuestOperationFailed,
    HypervisorUnavailable,
)
from nova_lite.domain.host import GuestSeen
from nova_lite.domain.states import PowerState
from nova_lite.virt.libvirt import errors
from nova_lite.virt.libvirt.connection import Connection
from nova_lite.virt.libvirt.guestspec import OwnerSpec
from nova_lite.virt.libvirt.xml import parse
from nova_lite.virt.libvirt.xml.metadata import NAMESPACE

T = TypeVar("T")

PORT_TAKEN = "Address already in use"
PORT_TRIES = 5
POLL = 0.2  # seconds between looks at a guest that is waited for
UNREACHABLE = 30.0  # seconds that a wait goes on while libvirt does not answer

# virDomainState -> what the Compute API calls it.
_STATES = {
    0: PowerState.NOSTATE,
    1: PowerState.RUNNING,
    2: PowerState.RUNNING,  # blocked
    3: PowerState.PAUSED,
    4: PowerState.SHUTDOWN,  # shutting down
    5: PowerState.SHUTDOWN,
    6: PowerState.CRASHED,
    7: PowerState.SUSPENDED,  # by the guest's own power management
}
OFF = (PowerState.SHUTDOWN, PowerState.CRASHED, PowerState.NOSTATE)


class Guest:
    """One guest. `name` is for messages. Raises GuestNotFound, GuestOperationFailed,
    HypervisorUnavailable."""

    def __init__(
        self,
        connection: Connection,
        uuid: str,
        name: str,
        on_start: Callable[["Guest"], None] | None = None,
    ) -> None:
        self._connection = connection
        self.uuid = uuid
        self.name = name
        self._on_start = on_start

    # --- facts ----------------------------------------------------------------------------

    def power_state(self) -> PowerState:
        number, _ = self._do("look at", lambda domain: domain.state(), again=True)
        return _STATES.get(number, PowerState.NOSTATE)

    def exists(self) -> bool:
        try:
            self.power_state()
        except GuestNotFound:
            return False
        return True

    def is_active(self) -> bool:
        """Whether there is a process: running, paused or ending."""
        return bool(self._do("look at", lambda domain: domain.isActive(), again=True))

    def has_saved_state(self) -> bool:
        return bool(self._do("look at", lambda d: d.hasManagedSaveImage(0), again=True))

    def xml(self, *, live: bool) -> str:
        """Of the guest that runs, or (live=False) of the one that is defined."""
        flags = 0 if live else self._connection.lib.VIR_DOMAIN_XML_INACTIVE
        return str(self._do("look at", lambda domain: domain.XMLDesc(flags), again=True))

    def memory_kib(self) -> int:
        """What it has now."""
        return int(self._do("look at", lambda domain: domain.info()[2], again=True))

    def vcpu_times(self) -> list[tuple[int, int]]:
        """(number, nanoseconds) of each."""
        found = self._do("look at", lambda domain: domain.vcpus()[0], again=True)
        return [(int(number), int(time)) for number, _, time, *_ in found]

    def block_stats(self, name: str) -> tuple[int, ...]:
        """Requests and bytes read, the same written, errors (-1: not known)."""
        found = self._do("look at", lambda domain: domain.blockStats(name), again=True)
        return tuple(int(number) for number in found)

    def interface_stats(self, device: str) -> tuple[int, ...]:
        """Bytes, packets, errors, drops received, the same sent; empty without a device."""
        if not device:
            return ()
        found = self._do("look at", lambda domain: domain.interfaceStats(device), again=True)
        return tuple(int(number) for number in found)

    # --- verbs ----------------------------------------------------------------------------

    def set_password(self, user: str, password: str) -> None:
        self._do("set the password of", lambda domain: domain.setUserPassword(user, password, 0))

    def interrupt(self) -> None:
        """One that cannot be masked."""
        self._do("crash", lambda domain: domain.injectNMI())

    def capacity(self, device: str) -> int:
        """Bytes of a disk (vda, ...), as the guest sees it."""
        return int(self._do("look at", lambda domain: domain.blockInfo(device)[0], again=True))

    def mirror(self, device: str, target: str) -> None:
        """From now on what is on that disk is copied to a file (XML) that is there already."""
        lib = self._connection.lib
        flags = lib.VIR_DOMAIN_BLOCK_COPY_REUSE_EXT | lib.VIR_DOMAIN_BLOCK_COPY_TRANSIENT_JOB
        self._do("copy the disk of", lambda domain: domain.blockCopy(device, target, None, flags))

    def end_mirror(self, device: str) -> None:
        """The copy stays as it is now."""
        self._do("copy the disk of", lambda domain: domain.blockJobAbort(device, 0))

    def freeze_files(self) -> None:
        """Its agent writes out the file systems and stops them."""
        self._do("freeze the file systems of", lambda domain: domain.fsFreeze())

    def thaw_files(self) -> None:
        self._do("thaw the file systems of", lambda domain: domain.fsThaw())

    def plug(self, device: str, *, live: bool) -> None:
        """Add a device (XML) to the guest that runs, or to the definition."""
        flags = self._affect(live)
        self._do("change", lambda domain: domain.attachDeviceFlags(device, flags))

    def unplug(self, device: str, *, live: bool) -> None:
        """Ask a running guest to let a device go, or take it out of the definition."""
        flags = self._affect(live)
        self._do("change", lambda domain: domain.detachDeviceFlags(device, flags))

    def _affect(self, live: bool) -> int:
        lib = self._connection.lib
        return int(lib.VIR_DOMAIN_AFFECT_LIVE if live else lib.VIR_DOMAIN_AFFECT_CONFIG)

    def start(self) -> None:
        """From its saved state, if it has one.

        libvirt looks for a free port for the screen, and another program may take it before
        the emulator does: then libvirt finds another one.
        """
        for left in reversed(range(PORT_TRIES)):
            try:
                self._do("start", lambda domain: domain.create())
            except GuestOperationFailed as error:
                if PORT_TAKEN not in error.message or not left:
                    raise
            else:
                break
        if self._on_start is not None:
            self._on_start(self)

    def ask_emulator(self, line: str) -> str:
        """What QEMU answers to a line that is typed at its own console."""
        qemu = errors.emulator_binding()
        flags = qemu.VIR_DOMAIN_QEMU_MONITOR_COMMAND_HMP
        answer = self._do("change", lambda d: qemu.qemuMonitorCommand(d, line, flags))
        return str(answer)

    def ask_to_power_off(self, by_agent: bool) -> None:
        """The power button; `by_agent`: the agent in the guest where there is one."""
        lib = self._connection.lib
        flag = 0 if by_agent else lib.VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN
        self._do("power off", lambda domain: domain.shutdownFlags(flag))

    def cut_power(self) -> None:
        self._do("stop", lambda domain: domain.destroy())

    def freeze(self) -> None:
        self._do("pause", lambda domain: domain.suspend())

    def thaw(self) -> None:
        self._do("unpause", lambda domain: domain.resume())

    def save_and_stop(self) -> None:
        """Keep its memory in a file of libvirt's; the next start goes on from there."""
        self._do("suspend", lambda domain: domain.managedSave(0))

    def drop_saved_state(self) -> None:
        self._do("start", lambda domain: domain.managedSaveRemove(0))

    def undefine(self) -> None:
        """Forget it, with all that libvirt keeps of it."""
        lib = self._connection.lib
        flags = (
            lib.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE
            | lib.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA
            | lib.VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA
            | lib.VIR_DOMAIN_UNDEFINE_NVRAM
        )
        self._do("remove", lambda domain: domain.undefineFlags(flags))

    def wait(self, timeout: float, *, off: bool) -> bool:
        """Until it is off (or, with off=False, on) or `timeout` seconds have passed. A libvirt
        that is away for a moment is waited for as well."""
        pause = concurrency.original("threading").Event()
        deadline = clock.monotonic() + timeout
        patience = clock.monotonic() + UNREACHABLE
        while True:
            try:
                if self._is_off() is off:
                    return True
                patience = clock.monotonic() + UNREACHABLE
            except GuestNotFound:
                return off
            except HypervisorUnavailable:
                if clock.monotonic() >= patience:
                    raise
            if clock.monotonic() >= deadline:
                return False
            pause.wait(POLL)

    def _is_off(self) -> bool:
        """A guest that is shutting down says that it is off while it has a process still."""
        return self.power_state() in OFF and not self.is_active()

    def _do(self, operation: str, fn: Callable[[Any], T], again: bool = False) -> T:
        return self._connection.call(
            lambda connection: fn(connection.lookupByUUIDString(self.uuid)),
            operation,
            self.name,
            again,
        )


class Guests:
    """All guests of a libvirt; those that this service (the connection's `host`) made are
    ours."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._on_start: Callable[[Guest], None] | None = None

    def when_started(self, fn: Callable[[Guest], None]) -> None:
        """Call `fn` after each start of a guest by this service."""
        self._on_start = fn

    def get(self, uuid: str, name: str = "") -> Guest:
        """That guest, whether it is there or not."""
        return Guest(self._connection, uuid, name or uuid, self._on_start)

    def define(self, xml: str, name: str) -> None:
        """Make or replace a definition."""
        self._connection.call(lambda c: c.defineXML(xml), "define", name, again=True)

    def name_is_taken(self, name: str, uuid: str) -> bool:
        """Whether another guest has this name."""

        def look(connection: Any) -> bool:
            return bool(connection.lookupByName(name).UUIDString() != uuid)

        try:
            return self._connection.call(look, "look for", name, again=True)
        except GuestNotFound:
            return False

    def all(self) -> list[GuestSeen]:
        """Every guest; uuid None for those that are not ours."""
        return self._connection.call(self._all, "list", again=True)

    def serial_ports(self) -> dict[str, int]:
        """uuid -> TCP port of the serial port, of all definitions, whosever they are."""
        return self._connection.call(self._serial_ports, "list", again=True)

    def running(self) -> int:
        """How many run, whosever they are."""
        count: int = self._connection.call(lambda c: c.numOfDomains(), "count", again=True)
        return count

    def _all(self, connection: Any) -> list[GuestSeen]:
        found = []
        for domain in connection.listAllDomains(0):
            try:
                uuid, name = domain.UUIDString(), domain.name()
                owner = _owner(self._connection.lib, domain)
                state = _STATES.get(domain.state()[0], PowerState.NOSTATE)
            except self._connection.lib.libvirtError as error:
                if error.get_error_code() == self._connection.lib.VIR_ERR_NO_DOMAIN:
                    continue  # it went meanwhile
                raise
            ours = _is_ours(owner, uuid, self._connection.host)
            found.append(GuestSeen(name=name, uuid=uuid if ours else None, power_state=int(state)))
        return found

    def _serial_ports(self, connection: Any) -> dict[str, int]:
        lib, found = self._connection.lib, {}
        for domain in connection.listAllDomains(0):
            try:
                port = parse.serial_port_of(domain.XMLDesc(lib.VIR_DOMAIN_XML_INACTIVE))
            except lib.libvirtError as error:
                if error.get_error_code() == lib.VIR_ERR_NO_DOMAIN:
                    continue  # it went meanwhile
                raise
            if port is not None:
                found[domain.UUIDString()] = port
        return found


def _is_ours(owner: OwnerSpec | None, uuid: str, host: str) -> bool:
    return owner is not None and owner.uuid == uuid and owner.host == host


def _owner(lib: Any, domain: Any) -> OwnerSpec | None:
    try:
        mark = domain.metadata(lib.VIR_DOMAIN_METADATA_ELEMENT, NAMESPACE, 0)
    except lib.libvirtError as error:
        if error.get_error_code() == lib.VIR_ERR_NO_DOMAIN_METADATA:
            return None
        raise
    return parse.owner_of(mark)
