# SPDX-License-Identifier: Apache-2.0
"""What a hypervisor driver is: a required core, and groups that it has or has not.

A driver gets values and paths, never the database, RPC or services. All methods block and
are called on native threads by the compute service; all may be called twice. Domain errors:
GuestNotFound, GuestOperationFailed, HypervisorUnavailable, FaultedBuild, BuildAborted,
ImageUnacceptable.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Protocol, runtime_checkable

import msgspec

from nova_lite.domain.console import ConsoleAddress, ConsoleType
from nova_lite.domain.devices import DeviceAddress, Vif
from nova_lite.domain.diagnostics import Diagnostics as GuestDiagnostics
from nova_lite.domain.host import GuestSeen, NodeReport
from nova_lite.domain.instance import Instance
from nova_lite.domain.ssh import SshAddress
from nova_lite.domain.states import PowerState

# What diagnostics call a power state.
STATE_WORDS: Final[Mapping[PowerState, str]] = {
    PowerState.NOSTATE: "pending",
    PowerState.RUNNING: "running",
    PowerState.PAUSED: "paused",
    PowerState.SHUTDOWN: "shutdown",
    PowerState.CRASHED: "crashed",
    PowerState.SUSPENDED: "suspended",
}


# What is on a config drive (path -> content) of a guest that has its devices there.
DriveContent = Callable[[list[DeviceAddress]], dict[str, bytes]]


class GuestEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something happened to a guest by itself or by an operator's hand."""

    uuid: str
    power_state: PowerState


class RootImage(msgspec.Struct, frozen=True, kw_only=True):
    """A verified image file on this host. `format`: qcow2 or raw; virtual_size in bytes."""

    path: Path
    format: str
    virtual_size: int


class SpawnSpec(msgspec.Struct, frozen=True, kw_only=True):
    """All that a driver needs to make a guest. root None: boots from a volume. config_drive:
    what is on it, asked when the driver knows the addresses; None: the guest has none."""

    instance: Instance
    root: RootImage | None
    admin_pass: str | None = None
    config_drive: DriveContent | None = None


@runtime_checkable
class Power(Protocol):
    def start(self, instance: Instance) -> PowerState: ...

    def stop(self, instance: Instance, timeout: int) -> PowerState:
        """timeout 0: cut the power at once; else ask first and wait so many seconds."""
        ...

    def reboot(self, instance: Instance, hard: bool) -> PowerState: ...


@runtime_checkable
class Pause(Protocol):
    def pause(self, instance: Instance) -> PowerState: ...

    def unpause(self, instance: Instance) -> PowerState: ...


@runtime_checkable
class Suspend(Protocol):
    def suspend(self, instance: Instance) -> PowerState: ...

    def resume(self, instance: Instance) -> PowerState: ...


@runtime_checkable
class ConsoleLog(Protocol):
    def console_output(self, instance: Instance, length: int | None) -> str: ...


@runtime_checkable
class Consoles(Protocol):
    def address(self, instance: Instance, kind: ConsoleType) -> ConsoleAddress:
        """Where it listens now, for a proxy. Raises ConsoleTypeUnavailable for one that the
        guest has not, InstanceNotReady while it is off, GuestNotFound."""
        ...


@runtime_checkable
class Interfaces(Protocol):
    """Network interfaces of a guest, on or off. One that is off has them at its next start."""

    def attach(self, instance: Instance, vif: Vif) -> None:
        """One that the guest has already is no error."""
        ...

    def detach(self, instance: Instance, vif: Vif) -> None:
        """Gone from the guest when this returns; one that it has not is no error. Raises
        GuestOperationFailed when the guest does not let it go."""
        ...


@runtime_checkable
class Password(Protocol):
    def set_password(self, instance: Instance, user: str, password: str) -> None:
        """Inside the guest. Raises GuestOperationFailed where nobody in it listens."""
        ...


@runtime_checkable
class CrashDump(Protocol):
    def trigger(self, instance: Instance) -> None:
        """Make the guest's kernel panic, so that it writes its dump."""
        ...


@runtime_checkable
class Diagnostics(Protocol):
    def read(self, instance: Instance) -> GuestDiagnostics:
        """As it is now. Raises GuestNotFound."""
        ...


@runtime_checkable
class Ssh(Protocol):
    """Ways to the ssh servers of guests that have no address of their own."""

    def address(self, instance: Instance) -> SshAddress:
        """The same for a guest as long as it is here, where that can be. Raises
        SshNotForwarded, InstanceNotReady while it is off, GuestNotFound."""
        ...


class RebuildSpec(msgspec.Struct, frozen=True, kw_only=True):
    """All that a driver needs to make a guest anew. `token` names the rebuild: the same again is
    the same one. `keep_ephemeral`: those disks stay as they are. `start`: it runs afterwards.
    config_drive: as of SpawnSpec."""

    instance: Instance
    root: RootImage
    token: str
    keep_ephemeral: bool = False
    start: bool = True
    admin_pass: str | None = None
    config_drive: DriveContent | None = None


@runtime_checkable
class Rebuild(Protocol):
    """Making a guest anew on the host that it is on, with its name, ports and uuid."""

    def is_done(self, instance: Instance, token: str) -> bool:
        """Whether that rebuild has made the guest already, started or not."""
        ...

    def check(self, spec: RebuildSpec) -> None:
        """Raises BuildAborted or ImageUnacceptable for what is wrong with the wishes."""
        ...

    def rebuild(self, spec: RebuildSpec) -> PowerState:
        """The old guest, if there is one, is gone with its disks. Raises FaultedBuild when the
        new one cannot be made, and what `check` does before anything is removed."""
        ...


class RescueSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What a guest is rescued with: an image, what the image says of the disk it becomes, and
    what is on the config drive meanwhile, of a guest that has one."""

    instance: Instance
    image: RootImage
    properties: dict[str, str] = {}
    admin_pass: str | None = None
    config_drive: DriveContent | None = None


@runtime_checkable
class Rescue(Protocol):
    """Booting a guest from a disk that is not its own, so that its own can be mended."""

    def check(self, spec: RescueSpec) -> None:
        """Raises GuestOperationFailed for what is wrong with the wishes, GuestNotFound."""
        ...

    def rescue(self, spec: RescueSpec) -> PowerState:
        """The guest, whatever it does just now, runs from the image; its disks are beside it."""
        ...

    def unrescue(self, instance: Instance, start: bool) -> PowerState:
        """Everything of the rescue is gone, and the guest is as before. One that is not
        rescued is left alone. `start`: it runs afterwards."""
        ...


class SnapshotFile(msgspec.Struct, frozen=True, kw_only=True):
    """A copy of a guest's root disk that stands on nothing else; virtual_size in bytes."""

    path: Path
    format: str
    virtual_size: int


@runtime_checkable
class Snapshots(Protocol):
    """Copies of root disks, each under a name that the caller chose."""

    def take(self, instance: Instance, name: str, wanted: Callable[[], bool]) -> SnapshotFile:
        """As the disk is at one moment; a guest that runs goes on. One of this name that is
        complete is not made again. `wanted` is asked now and then, from any thread: False ends
        it. On failure nothing is left behind. Raises GuestOperationFailed, GuestNotFound."""
        ...

    def drop(self, instance: Instance, name: str) -> None:
        """Gone, whatever there is of it."""
        ...


@runtime_checkable
class Events(Protocol):
    def listen(self, callback: Callable[[GuestEvent], None]) -> None:
        """Call back for each guest event from now on, from any thread."""
        ...


class Driver(Protocol):
    """The required core, and the groups (None where the driver has no such ability).

    It is made with the configuration: `SomeDriver(conf)`. `blocking`: its methods block in
    system calls and are called on native threads; False: they use the service's own kind of
    threads and are called directly. `reads_images`: it makes disks from image files; False: it
    needs to know only that the image exists.

    A guest that the hypervisor knows has all its disks, but maybe for the config drive, without
    which it does not start: that tells where the devices are, which the hypervisor chooses.
    """

    name: str
    blocking: bool
    reads_images: bool
    power: Power
    pause: Pause | None
    suspend: Suspend | None
    console_log: ConsoleLog | None
    consoles: Consoles | None
    interfaces: Interfaces | None
    password: Password | None
    crash_dump: CrashDump | None
    diagnostics: Diagnostics | None
    snapshots: Snapshots | None
    rescue: Rescue | None
    rebuild: Rebuild | None
    ssh: Ssh | None
    events: Events | None

    def start(self, host: str) -> None:
        """Connect. Raises HypervisorUnavailable or ConfigurationError, saying what to do."""
        ...

    def nodes(self) -> list[str]:
        """Names of the nodes this service is responsible for; most drivers have one."""
        ...

    def report(self, node: str) -> NodeReport:
        """Facts of a node, now. node_uuid is stable over restarts."""
        ...

    def spawn(self, spec: SpawnSpec) -> PowerState:
        """Make disks, define and start the guest. On failure nothing is left behind."""
        ...

    def destroy(self, instance: Instance, keep_disks: bool = False) -> None: ...

    def power_state(self, instance: Instance) -> PowerState:
        """Raises GuestNotFound."""
        ...

    def device_addresses(self, instance: Instance) -> list[DeviceAddress]:
        """Where the guest has its interfaces and disks: as it runs, or as it will at its next
        start. A disk that is no block device of the server's is left out. Raises
        GuestNotFound."""
        ...

    def list_guests(self) -> list[GuestSeen]:
        """Guests the hypervisor knows, and instance directories without a guest."""
        ...

    def image_in_use(self, path: Path) -> bool:
        """Whether any guest's disk is based on this cached image."""
        ...


GROUPS = (
    *("power", "pause", "suspend", "console_log", "consoles", "interfaces", "password"),
    *("crash_dump", "diagnostics", "snapshots", "rescue", "rebuild", "ssh", "events"),
)


def capabilities(driver: Driver) -> dict[str, bool]:
    """Derived from what is there; reported with the inventory."""
    return {group: getattr(driver, group) is not None for group in GROUPS}
