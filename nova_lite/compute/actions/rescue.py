# SPDX-License-Identifier: Apache-2.0
"""Booting guests from an image that is not theirs, and back."""

import logging
from typing import Any

from nova_lite.base.context import RequestContext
from nova_lite.compute import devices
from nova_lite.compute.actions.build import root_device_of
from nova_lite.compute.actions.power import OFF
from nova_lite.compute.calls import InstanceCalls
from nova_lite.compute.configdrive import DriveFiles
from nova_lite.compute.drivers import call
from nova_lite.compute.roots import Roots
from nova_lite.compute.sync import PowerSync
from nova_lite.domain import errors
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import Action, PowerState
from nova_lite.rpc.contracts.compute import PowerResult
from nova_lite.virt.driver import Driver, Rescue, RescueSpec

LOG = logging.getLogger(__name__)


class RescueActions:
    """The calls rescue and unrescue of one host."""

    def __init__(
        self,
        conf: Any,
        driver: Driver,
        roots: Roots,
        calls: InstanceCalls,
        sync: PowerSync,
        drives: DriveFiles,
    ) -> None:
        self._usual_image: str | None = conf.libvirt.rescue_image_id
        self._drives = drives
        self._driver = driver
        self._roots = roots
        self._calls = calls
        self._sync = sync

    def rescue(
        self,
        context: RequestContext,
        *,
        instance: Instance,
        timeout: int,
        image_id: str | None = None,
        admin_pass: str | None = None,
    ) -> PowerResult:
        group = self._group(Action.RESCUE)

        def run() -> PowerState:
            spec = self._spec(context, instance, image_id, admin_pass)
            call(self._driver, group.check, spec)
            self._power_off(instance, timeout)
            return call(self._driver, group.rescue, spec)

        state = self._calls.run(instance.uuid, ("rescue", image_id), run)
        self._sync.know(instance.uuid, state)
        LOG.info("[instance: %s] Rescued", instance.uuid)
        return PowerResult(power_state=state, devices=devices.look(self._driver, instance))

    def unrescue(
        self, context: RequestContext, *, instance: Instance, start: bool = True
    ) -> PowerResult:
        group = self._group(Action.UNRESCUE)
        state = self._calls.run(
            instance.uuid,
            ("unrescue", start),
            lambda: call(self._driver, group.unrescue, instance, start),
        )
        self._sync.know(instance.uuid, state)
        LOG.info("[instance: %s] Unrescued", instance.uuid)
        return PowerResult(power_state=state, devices=devices.look(self._driver, instance))

    # --- inside ---------------------------------------------------------------------------

    def _group(self, action: Action) -> Rescue:
        if self._driver.rescue is None:
            raise errors.ActionUnsupported(action=str(action))
        return self._driver.rescue

    def _spec(
        self,
        context: RequestContext,
        instance: Instance,
        wanted: str | None,
        admin_pass: str | None,
    ) -> RescueSpec:
        """With the image on this host. The rescue disk is as large as the image, whatever the
        flavor says of the server's own."""
        image_id = wanted or self._usual_image or instance.image_ref
        if image_id is None:
            raise errors.InstanceNotRescuable(
                instance_id=instance.uuid, reason="there is no image to rescue it with"
            )
        own = image_id == instance.image_ref
        return RescueSpec(
            instance=instance,
            image=self._roots.fetch(context, image_id),
            properties=(
                instance.image_properties if own else self._roots.properties(context, image_id)
            ),
            admin_pass=admin_pass,
            config_drive=self._drives.of(instance, root_device_of(instance), admin_pass),
        )

    def _power_off(self, instance: Instance, timeout: int) -> None:
        """Give the guest time to write what it has in memory; the driver does the rest."""
        if timeout > 0 and call(self._driver, self._driver.power_state, instance) not in OFF:
            call(self._driver, self._driver.power.stop, instance, timeout)
