# SPDX-License-Identifier: Apache-2.0
"""Making a guest, and removing it."""

import logging
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any, Final

from nova_lite.base import clock, concurrency
from nova_lite.base.context import RequestContext
from nova_lite.compute import devices
from nova_lite.compute.calls import InstanceCalls
from nova_lite.compute.configdrive import DriveFiles
from nova_lite.compute.drivers import call
from nova_lite.compute.roots import Roots, limit_of
from nova_lite.compute.sync import PowerSync
from nova_lite.compute.tracker import Tracker
from nova_lite.domain import errors
from nova_lite.domain.guestdata.value import GuestFile
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import PowerState
from nova_lite.rpc.contracts.compute import BuildResult
from nova_lite.virt.driver import DriveContent, Driver, SpawnSpec

LOG = logging.getLogger(__name__)

# Makes what is on the config drive, None for a server that has none.
Drive = Callable[[], DriveContent | None]

# The request's or the image's fault: no other host would do better.
HOPELESS: Final = (
    errors.ImageNotFound,
    errors.ImageNotActive,
    errors.ImageUnacceptable,
    errors.FlavorTooSmall,
)

# disk bus -> what the guest calls its first disk
_FIRST_DISK: Final[Mapping[str, str]] = {
    "virtio": "/dev/vda",
    "scsi": "/dev/sda",
    "sata": "/dev/sda",
    "usb": "/dev/sda",
    "ide": "/dev/hda",
    "fdc": "/dev/fda",
}


class BuildActions:
    """The calls build and destroy of one host."""

    def __init__(
        self,
        conf: Any,
        driver: Driver,
        roots: Roots,
        calls: InstanceCalls,
        tracker: Tracker,
        sync: PowerSync,
        drives: DriveFiles,
    ) -> None:
        limit = conf.max_concurrent_builds
        self._driver = driver
        self._drives = drives
        self._roots = roots
        self._calls = calls
        self._tracker = tracker
        self._sync = sync
        self._slots: Any = concurrency.Semaphore(limit) if limit else nullcontext()

    # --- build ----------------------------------------------------------------------------

    def build(
        self,
        context: RequestContext,
        *,
        instance: Instance,
        admin_pass: str | None = None,
        files: list[GuestFile] | None = None,
    ) -> BuildResult:
        def drive() -> DriveContent | None:
            return self._drives.of(instance, root_device_of(instance), admin_pass, files)

        return self._calls.run(
            instance.uuid, ("build",), lambda: self._build(context, instance, admin_pass, drive)
        )

    def _build(
        self, context: RequestContext, instance: Instance, admin_pass: str | None, drive: Drive
    ) -> BuildResult:
        began = clock.monotonic()
        with self._slots, self._tracker.working():
            try:
                state = self._make(context, instance, admin_pass, drive)
            except Exception as error:
                self._clean_up(instance)
                failure = as_build_error(instance, error)
                if isinstance(failure, errors.FaultedBuild):
                    self._tracker.build_failed()
                LOG.warning("[instance: %s] %s", instance.uuid, failure.message)
                raise failure from error
            self._tracker.build_succeeded()
        self._sync.built(instance.uuid, state)
        LOG.info("[instance: %s] Built in %.3f s", instance.uuid, clock.monotonic() - began)
        return BuildResult(
            power_state=state,
            devices=devices.look(self._driver, instance),
            vifs=instance.vifs,
            root_device_name=root_device_of(instance),
        )

    def _make(
        self, context: RequestContext, instance: Instance, admin_pass: str | None, drive: Drive
    ) -> PowerState:
        """The guest that is there already, or a new one."""
        self._check_wanted(instance)
        state = self._found(instance)
        if state is not None:
            return state
        root = None
        if instance.image_ref is not None:
            limit = limit_of(instance.flavor.root_gb)
            began = clock.monotonic()
            root = self._roots.fetch(context, instance.image_ref, max_virtual_size=limit)
            took = clock.monotonic() - began
            LOG.debug("[instance: %s] Had its image in %.3f s", instance.uuid, took)
            self._check_wanted(instance)
        spec = SpawnSpec(instance=instance, root=root, admin_pass=admin_pass, config_drive=drive())
        return call(self._driver, self._driver.spawn, spec)

    def _found(self, instance: Instance) -> PowerState | None:
        """The state of a guest that an earlier call made; it is started where that died before
        it could."""
        try:
            state = call(self._driver, self._driver.power_state, instance)
        except errors.GuestNotFound:
            return None
        if state in (PowerState.RUNNING, PowerState.PAUSED):
            return state
        try:
            return call(self._driver, self._driver.power.start, instance)
        except errors.HypervisorUnavailable:
            raise
        except errors.NovaLiteError as error:
            LOG.info("[instance: %s] is made anew: %s", instance.uuid, error.message)
            call(self._driver, self._driver.destroy, instance)
            return None

    def _check_wanted(self, instance: Instance) -> None:
        """Stop a build of which nobody will want the result."""
        if self._calls.awaits(instance.uuid, "destroy"):
            raise errors.BuildAborted(
                instance_id=instance.uuid, reason="the server is being deleted"
            )

    def _clean_up(self, instance: Instance) -> None:
        try:
            call(self._driver, self._driver.destroy, instance)
        except Exception:
            LOG.exception(
                "[instance: %s] is half made, and what there is could not be removed",
                instance.uuid,
            )

    # --- destroy --------------------------------------------------------------------------

    def destroy(
        self, context: RequestContext, *, instance: Instance, keep_disks: bool = False
    ) -> None:
        self._calls.run(
            instance.uuid, ("destroy", keep_disks), lambda: self._destroy(instance, keep_disks)
        )

    def _destroy(self, instance: Instance, keep_disks: bool) -> None:
        try:
            call(self._driver, self._driver.destroy, instance, keep_disks)
        except errors.GuestNotFound:
            LOG.info("[instance: %s] has no guest here", instance.uuid)
        self._sync.forget(instance.uuid)
        LOG.info("[instance: %s] Destroyed", instance.uuid)
        self._tracker.report_soon()


def as_build_error(instance: Instance, error: Exception) -> errors.NovaLiteError:
    """What the conductor has to know of a failure: whether another host may do better."""
    if isinstance(error, errors.FaultedBuild | errors.BuildAborted):
        return error
    if isinstance(error, HOPELESS):
        return errors.BuildAborted(instance_id=instance.uuid, reason=error.message)
    if isinstance(error, errors.NovaLiteError):
        return errors.FaultedBuild(instance_id=instance.uuid, reason=error.message)
    LOG.error("[instance: %s] could not be built", instance.uuid, exc_info=error)
    return errors.FaultedBuild(
        instance_id=instance.uuid, reason=f"{type(error).__name__} on the host"
    )


def root_device_of(instance: Instance) -> str:
    """What the guest will call its first disk."""
    if instance.root_device_name:
        return instance.root_device_name
    properties = instance.image_properties
    named = properties.get("img_root_device_name") or properties.get("root_device_name")
    if named:
        return named if named.startswith("/dev/") else f"/dev/{named}"
    return _FIRST_DISK.get(properties.get("hw_disk_bus", "virtio"), "/dev/vda")
