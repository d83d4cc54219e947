# SPDX-License-Identifier: Apache-2.0
"""Turning guests on and off. Each call answers with what the hypervisor says afterwards, and a
call that finds its work done does nothing."""

import logging
from collections.abc import Callable
from typing import Any, Final

from nova_lite.base.context import RequestContext
from nova_lite.compute import devices
from nova_lite.compute.calls import InstanceCalls, Key
from nova_lite.compute.drivers import call
from nova_lite.compute.sync import PowerSync
from nova_lite.domain import errors
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import Action, PowerState
from nova_lite.rpc.contracts.compute import PowerResult
from nova_lite.virt.driver import Driver

LOG = logging.getLogger(__name__)

OFF: Final = (PowerState.SHUTDOWN, PowerState.CRASHED)
ASLEEP: Final = (PowerState.SHUTDOWN, PowerState.SUSPENDED)


class PowerActions:
    """The power calls of one host."""

    def __init__(self, driver: Driver, calls: InstanceCalls, sync: PowerSync) -> None:
        self._driver = driver
        self._calls = calls
        self._sync = sync

    def start(self, context: RequestContext, *, instance: Instance) -> PowerResult:
        return self._unless((PowerState.RUNNING,), "start", instance, self._driver.power.start)

    def stop(
        self,
        context: RequestContext,
        *,
        instance: Instance,
        timeout: int,
        graceful: bool = True,
    ) -> PowerResult:
        patience = timeout if graceful else 0
        return self._turn(instance, ("stop", patience), lambda: self._stop(instance, patience))

    def _stop(self, instance: Instance, patience: int) -> PowerState:
        state = self._state(instance)
        if state in OFF:
            return state
        if patience > 0:
            state = self._call(self._driver.power.stop, instance, patience)
        if state in OFF:
            return state
        return self._call(self._driver.power.stop, instance, 0)

    def reboot(self, context: RequestContext, *, instance: Instance) -> PowerResult:
        return self._turn(instance, ("reboot",), lambda: self._reboot(instance))

    def _reboot(self, instance: Instance) -> PowerState:
        try:
            state = self._call(self._driver.power.reboot, instance, False)
            if state is PowerState.RUNNING:
                return state
            reason = f"it is {state.name} afterwards"
        except errors.GuestOperationFailed as error:
            reason = error.message
        LOG.info("[instance: %s] is rebooted hard: %s", instance.uuid, reason)
        return self._call(self._driver.power.reboot, instance, True)

    def reboot_hard(self, context: RequestContext, *, instance: Instance) -> PowerResult:
        reboot = self._driver.power.reboot
        return self._turn(instance, ("reboot_hard",), lambda: self._call(reboot, instance, True))

    def pause(self, context: RequestContext, *, instance: Instance) -> PowerResult:
        group = _has(self._driver.pause, Action.PAUSE)
        return self._unless((PowerState.PAUSED,), "pause", instance, group.pause)

    def unpause(self, context: RequestContext, *, instance: Instance) -> PowerResult:
        group = _has(self._driver.pause, Action.UNPAUSE)
        return self._unless((PowerState.RUNNING,), "unpause", instance, group.unpause)

    def suspend(self, context: RequestContext, *, instance: Instance) -> PowerResult:
        group = _has(self._driver.suspend, Action.SUSPEND)
        return self._unless(ASLEEP, "suspend", instance, group.suspend)

    def resume(self, context: RequestContext, *, instance: Instance) -> PowerResult:
        group = _has(self._driver.suspend, Action.RESUME)
        return self._unless((PowerState.RUNNING,), "resume", instance, group.resume)

    def get_power_state(self, context: RequestContext, *, instance: Instance) -> PowerResult:
        """Does not wait for what is being done to the guest."""
        try:
            return PowerResult(power_state=self._state(instance))
        except errors.GuestNotFound:
            return PowerResult(power_state=PowerState.NOSTATE)

    # --- inside ---------------------------------------------------------------------------

    def _unless(
        self,
        done: tuple[PowerState, ...],
        name: str,
        instance: Instance,
        operation: Callable[[Instance], PowerState],
    ) -> PowerResult:
        """Do it, unless the guest is in one of these states already."""

        def run() -> PowerState:
            state = self._state(instance)
            return state if state in done else self._call(operation, instance)

        return self._turn(instance, (name,), run)

    def _turn(self, instance: Instance, key: Key, run: Callable[[], PowerState]) -> PowerResult:
        state = self._calls.run(instance.uuid, key, run)
        self._sync.know(instance.uuid, state)
        return PowerResult(power_state=state, devices=devices.look(self._driver, instance))

    def _state(self, instance: Instance) -> PowerState:
        return self._call(self._driver.power_state, instance)

    def _call(self, operation: Callable[..., PowerState], *args: Any) -> PowerState:
        return call(self._driver, operation, *args)


def _has(group: Any, action: Action) -> Any:
    if group is None:
        raise errors.ActionUnsupported(action=str(action))
    return group
