# SPDX-License-Identifier: Apache-2.0
"""Plugging interfaces into guests, and out of them."""

import logging
from typing import Any

from msgspec.structs import replace

from nova_lite.base.context import RequestContext
from nova_lite.compute import devices
from nova_lite.compute.calls import InstanceCalls
from nova_lite.compute.drivers import call
from nova_lite.domain import errors
from nova_lite.domain.devices import DeviceAddress, Vif
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import Action
from nova_lite.virt.driver import Driver, Interfaces

LOG = logging.getLogger(__name__)


class InterfaceActions:
    """The calls about interfaces of one host."""

    def __init__(self, driver: Driver, calls: InstanceCalls) -> None:
        self._driver = driver
        self._calls = calls

    def attach_interface(
        self, context: RequestContext, *, instance: Instance, vif: Vif
    ) -> DeviceAddress | None:
        group = self._group(Action.ATTACH_INTERFACE)
        self._turn("attach_interface", group.attach, instance, vif)
        LOG.info("[instance: %s] has the interface of port %s", instance.uuid, vif.port_id)
        found = devices.look(self._driver, replace(instance, vifs=[vif], block_devices=[]))
        return found[0] if found else None

    def detach_interface(self, context: RequestContext, *, instance: Instance, vif: Vif) -> None:
        group = self._group(Action.DETACH_INTERFACE)
        try:
            self._turn("detach_interface", group.detach, instance, vif)
        except errors.GuestNotFound:
            LOG.info("[instance: %s] has no guest to take an interface from", instance.uuid)

    def _turn(self, name: str, operation: Any, instance: Instance, vif: Vif) -> None:
        self._calls.run(
            instance.uuid,
            (name, vif.port_id),
            lambda: call(self._driver, operation, instance, vif),
        )

    def _group(self, action: Action) -> Interfaces:
        if self._driver.interfaces is None:
            raise errors.ActionUnsupported(action=str(action))
        return self._driver.interfaces
