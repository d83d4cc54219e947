# SPDX-License-Identifier: Apache-2.0
"""What a compute host does when the conductor asks.

Every method is safe to call twice: one that finds its work done answers as if it had done it.
"""

import msgspec

from nova_lite.domain.console import ConsoleOffer, ConsoleType
from nova_lite.domain.devices import DeviceAddress, Vif
from nova_lite.domain.diagnostics import Diagnostics
from nova_lite.domain.guestdata.value import GuestFile
from nova_lite.domain.host import GuestSeen
from nova_lite.domain.instance import Instance
from nova_lite.domain.ssh import SshAddress
from nova_lite.domain.states import PowerState
from nova_lite.rpc.contract import method


class PowerResult(msgspec.Struct, frozen=True, kw_only=True):
    """What the hypervisor said after the operation. `devices`: where the devices with tags are;
    None: nobody looked."""

    power_state: PowerState
    devices: list[DeviceAddress] | None = None


class BuildResult(msgspec.Struct, frozen=True, kw_only=True):
    """A guest that runs. `vifs` as plugged (names of devices filled in); `devices` as of
    PowerResult."""

    power_state: PowerState
    devices: list[DeviceAddress] | None = None
    vifs: list[Vif] = []
    root_device_name: str | None = None


class SnapshotResult(msgspec.Struct, frozen=True, kw_only=True):
    """A copy of a disk that is there. virtual_size in bytes."""

    format: str
    virtual_size: int


class Compute:
    TOPIC = "compute"
    VERSION = "1.0"

    @method(since="1.0", kind="long")
    def build(
        self,
        *,
        instance: Instance,
        admin_pass: str | None = None,
        files: list[GuestFile] | None = None,
    ) -> BuildResult:
        """Make disks and guest and start it; `files` are put on its config drive. Raises
        FaultedBuild (another host may do better) or BuildAborted (none would). What was half
        made is removed first."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="long")
    def destroy(self, *, instance: Instance, keep_disks: bool = False) -> None:
        """Remove guest, interfaces and disks; a guest that is not there is success."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="long")
    def start(self, *, instance: Instance) -> PowerResult:
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="long")
    def stop(self, *, instance: Instance, timeout: int, graceful: bool = True) -> PowerResult:
        """Ask the guest to power off, then, after `timeout` seconds, cut the power."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="long")
    def reboot(self, *, instance: Instance) -> PowerResult:
        """Soft; a guest that does not react is rebooted hard."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="long")
    def reboot_hard(self, *, instance: Instance) -> PowerResult:
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="long")
    def pause(self, *, instance: Instance) -> PowerResult:
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="long")
    def unpause(self, *, instance: Instance) -> PowerResult:
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="long")
    def suspend(self, *, instance: Instance) -> PowerResult:
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="long")
    def resume(self, *, instance: Instance) -> PowerResult:
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="long")
    def attach_interface(self, *, instance: Instance, vif: Vif) -> DeviceAddress | None:
        """Plug one more interface into the guest, running or not. Where it is, when it has a
        tag and that can be told."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="long")
    def detach_interface(self, *, instance: Instance, vif: Vif) -> None:
        """Unplug one. Raises GuestOperationFailed when the guest holds on to it."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="long")
    def set_password(self, *, instance: Instance, password: str) -> None:
        """Of the guest's administrator. Raises GuestOperationFailed."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="long")
    def trigger_crash_dump(self, *, instance: Instance) -> None:
        """Twice is once more, which does no harm to a guest that crashes."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def get_diagnostics(self, *, instance: Instance) -> Diagnostics:
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="long")
    def rescue(
        self,
        *,
        instance: Instance,
        timeout: int,
        image_id: str | None = None,
        admin_pass: str | None = None,
    ) -> PowerResult:
        """Fetch the image (None: the one that the host is configured with, else the server's
        own), ask the guest to power off, cut the power after `timeout` seconds, and boot from
        the image with the guest's own disk beside it. The guest is not touched before the
        image is there. Raises GuestOperationFailed, ImageNotFound, ImageUnacceptable, ..."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="long")
    def unrescue(self, *, instance: Instance, start: bool = True) -> PowerResult:
        """Back to its own disk; one that is not rescued is not touched. `start`: it runs
        afterwards."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="long")
    def take_snapshot(self, *, instance: Instance, image_id: str) -> SnapshotResult:
        """Copy the root disk, for this image; the guest goes on. It ends when the copy is
        dropped or the guest destroyed meanwhile. Raises GuestOperationFailed, GuestNotFound."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="long")
    def upload_snapshot(self, *, instance: Instance, image_id: str) -> None:
        """Give the copy to the image, with the rights of the context, and remove it; an image
        that has its data already is left alone. Raises ImageNotFound, ImageConflict,
        ImageStoreUnavailable, Forbidden."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="long")
    def drop_snapshot(self, *, instance: Instance, image_id: str) -> None:
        """Remove the copy, whatever there is of it."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="long")
    def rebuild(
        self,
        *,
        instance: Instance,
        token: str,
        timeout: int,
        preserve_ephemeral: bool = False,
        start: bool = True,
        admin_pass: str | None = None,
        files: list[GuestFile] | None = None,
    ) -> BuildResult:
        """Ask the guest to power off, for `timeout` seconds, and make it anew of the instance's
        image. The same `token` again finds it done. The image is there before the guest is
        touched. Raises BuildAborted before it is touched, FaultedBuild then and afterwards."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="long")
    def cache_image(self, *, image_id: str, max_virtual_size: int | None = None) -> None:
        """Have the image on this host before a server needs it; one that is there is not fetched
        again. `max_virtual_size`: bytes; a larger disk is refused.
        Raises ImageNotFound, ImageNotActive, ImageUnacceptable, ImageStoreUnavailable,
        Unavailable (no room)."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def get_power_state(self, *, instance: Instance) -> PowerResult:
        """NOSTATE when the guest is not there."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def get_console_output(self, *, instance: Instance, length: int | None) -> str:
        """The last `length` lines of the console log (None: all that is kept)."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def get_console(self, *, instance: Instance, kind: ConsoleType) -> ConsoleOffer:
        """Where the console of a guest that runs listens now. Raises InstanceNotReady,
        ConsoleTypeUnavailable, ActionUnsupported."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def get_ssh_address(self, *, instance: Instance) -> SshAddress:
        """Where the ssh server of a guest in user mode is reached. Raises InstanceNotReady,
        SshNotForwarded."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def list_guests(self) -> list[GuestSeen]:
        """Every guest and every instance directory on this host, for the audit."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def ping(self) -> str:
        """The host's name."""
        raise AssertionError("a contract has no body")
