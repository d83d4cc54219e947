# SPDX-License-Identifier: Apache-2.0
"""Making a guest anew where it is."""

import logging

from nova_lite.base import clock
from nova_lite.base.context import RequestContext
from nova_lite.compute import devices
from nova_lite.compute.actions.build import as_build_error, root_device_of
from nova_lite.compute.actions.power import OFF
from nova_lite.compute.calls import InstanceCalls
from nova_lite.compute.configdrive import DriveFiles
from nova_lite.compute.drivers import call
from nova_lite.compute.roots import Roots, limit_of
from nova_lite.compute.sync import PowerSync
from nova_lite.compute.tracker import Tracker
from nova_lite.domain import errors
from nova_lite.domain.guestdata.value import GuestFile
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import Action, PowerState
from nova_lite.rpc.contracts.compute import BuildResult
from nova_lite.virt.driver import Driver, Rebuild, RebuildSpec, RootImage

LOG = logging.getLogger(__name__)


class RebuildActions:
    """The call rebuild of one host."""

    def __init__(
        self,
        driver: Driver,
        roots: Roots,
        calls: InstanceCalls,
        tracker: Tracker,
        sync: PowerSync,
        drives: DriveFiles,
    ) -> None:
        self._driver = driver
        self._roots = roots
        self._calls = calls
        self._tracker = tracker
        self._sync = sync
        self._drives = drives

    def rebuild(
        self,
        context: RequestContext,
        *,
        instance: Instance,
        token: str,
        timeout: int,
        preserve_ephemeral: bool = False,
        start: bool = True,
        admin_pass: str | None = None,
        files: list[GuestFile] | None = None,
    ) -> BuildResult:
        if self._driver.rebuild is None:
            raise errors.ActionUnsupported(action=str(Action.REBUILD))
        group, began = self._driver.rebuild, clock.monotonic()

        def run() -> PowerState:
            try:
                spec = RebuildSpec(
                    instance=instance,
                    root=self._root(context, instance),
                    token=token,
                    keep_ephemeral=preserve_ephemeral,
                    start=start,
                    admin_pass=admin_pass,
                    config_drive=self._drives.of(
                        instance, root_device_of(instance), admin_pass, files
                    ),
                )
                return self._make(group, spec, timeout)
            except Exception as error:
                raise as_build_error(instance, error) from error

        with self._tracker.working():
            state = self._calls.run(instance.uuid, ("rebuild", token), run)
        self._sync.built(instance.uuid, state)
        LOG.info("[instance: %s] Rebuilt in %.2f s", instance.uuid, clock.monotonic() - began)
        return BuildResult(
            power_state=state,
            devices=devices.look(self._driver, instance),
            vifs=instance.vifs,
            root_device_name=root_device_of(instance),
        )

    # --- inside ---------------------------------------------------------------------------

    def _root(self, context: RequestContext, instance: Instance) -> RootImage:
        if instance.image_ref is None:
            raise errors.BuildAborted(
                instance_id=instance.uuid, reason="it has no image to be made of"
            )
        limit = limit_of(instance.flavor.root_gb)
        return self._roots.fetch(context, instance.image_ref, max_virtual_size=limit)

    def _make(self, group: Rebuild, spec: RebuildSpec, timeout: int) -> PowerState:
        if not call(self._driver, group.is_done, spec.instance, spec.token):
            call(self._driver, group.check, spec)
            self._power_off(spec.instance, timeout)
        return call(self._driver, group.rebuild, spec)

    def _power_off(self, instance: Instance, timeout: int) -> None:
        """What is kept of the guest should be whole; the driver cuts the power of the rest."""
        if timeout <= 0:
            return
        try:
            if call(self._driver, self._driver.power_state, instance) not in OFF:
                call(self._driver, self._driver.power.stop, instance, timeout)
        except errors.GuestNotFound:
            LOG.info("[instance: %s] has no guest here: it is made", instance.uuid)
