# SPDX-License-Identifier: Apache-2.0
"""Guests that change by themselves: seen by events and by a look now and then, told to the
conductor, which decides what that means.

What our own calls do to guests makes events too. They are recognised by their result: what the
conductor knows already is not told again.
"""

import logging
from collections import deque
from typing import Any, Final

from nova_lite.base import clock
from nova_lite.base.context import RequestContext
from nova_lite.compute.calls import InstanceCalls
from nova_lite.compute.drivers import call
from nova_lite.domain import errors, lifecycle
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import PowerState
from nova_lite.virt.driver import Driver, GuestEvent

LOG = logging.getLogger(__name__)

SETTLED: Final = 2.0  # seconds without a further event before a guest is looked at
GONE: Final = (PowerState.SHUTDOWN, PowerState.CRASHED)


class PowerSync:
    """The eyes of one host."""

    def __init__(self, host: str, driver: Driver, calls: InstanceCalls, conductor: Any) -> None:
        """`conductor`: its client."""
        self._host = host
        self._driver = driver
        self._calls = calls
        self._conductor = conductor
        # Filled from threads of any kind, so nothing with a lock may be used for it.
        self._inbox: deque[str] = deque()
        self._pending: dict[str, float] = {}
        self._known: dict[str, PowerState] = {}
        self._new: set[str] = set()
        self.resuming = False  # guests that are off may be about to be started

    # --- what our own calls saw -----------------------------------------------------------

    def know(self, uuid: str, state: PowerState) -> None:
        """The conductor has been told this, as the result of a call."""
        self._known[uuid] = state

    def built(self, uuid: str, state: PowerState) -> None:
        """As `know`, of a new guest."""
        self._known[uuid] = state
        self._new.add(uuid)

    def take_new(self) -> set[str]:
        """The guests built since the last time."""
        taken, self._new = self._new, set()
        return taken

    def forget(self, uuid: str) -> None:
        """The guest is gone, and is meant to be."""
        self._known.pop(uuid, None)
        self._new.discard(uuid)

    # --- events ---------------------------------------------------------------------------

    def listen(self) -> None:
        """Hear the driver's events from now on."""
        if self._driver.events is not None:
            self._driver.events.listen(self._note)

    def _note(self, event: GuestEvent) -> None:
        self._inbox.append(event.uuid)

    def heed(self, context: RequestContext) -> None:
        """Look at the guests of which there were events, once they have come to rest."""
        now = clock.monotonic()
        while self._inbox:
            self._pending[self._inbox.popleft()] = now
        settled = [uuid for uuid, since in list(self._pending.items()) if now - since >= SETTLED]
        settled = [uuid for uuid in settled if not self._calls.busy(uuid)]
        if not settled:
            return
        seen = self._guests()
        for uuid in settled:
            self._pending.pop(uuid, None)
            state = seen.get(uuid)
            if state is not None and self._known.get(uuid) != state:
                self._tell(context, uuid, state)

    # --- a look at everything -------------------------------------------------------------

    def compare(self, context: RequestContext) -> None:
        """Compare every server's record with its guest; see Conductor.power_changed."""
        instances: list[Instance] = self._conductor.list_host_instances(context, host=self._host)
        seen = self._guests()
        for instance in instances:
            state = seen.get(instance.uuid, PowerState.NOSTATE)
            if self.resuming and state in GONE:
                continue
            if instance.task_state is None and self._differs(instance, state):
                state = self._look_again(instance, state)
                if self._differs(instance, state) and not self._calls.busy(instance.uuid):
                    self._tell(context, instance.uuid, state)

    def _differs(self, instance: Instance, state: PowerState) -> bool:
        verdict = lifecycle.from_power(instance.vm_state, state)
        return instance.power_state != state or verdict.action is not None

    def _look_again(self, instance: Instance, state: PowerState) -> PowerState:
        """A guest that is off may be one that just reboots."""
        if state not in GONE:
            return state
        try:
            return call(self._driver, self._driver.power_state, instance)
        except errors.GuestNotFound:
            return PowerState.NOSTATE

    # --- inside ---------------------------------------------------------------------------

    def _guests(self) -> dict[str, PowerState]:
        found = call(self._driver, self._driver.list_guests)
        return {one.uuid: PowerState(one.power_state) for one in found if one.uuid is not None}

    def _tell(self, context: RequestContext, uuid: str, state: PowerState) -> None:
        LOG.info("[instance: %s] The guest is %s", uuid, state.name)
        try:
            self._conductor.power_changed(context, host=self._host, uuid=uuid, power_state=state)
        except errors.Unavailable as error:
            LOG.warning("The conductor did not hear of guest %s: %s", uuid, error.message)
            self._pending[uuid] = clock.monotonic()
            return
        self._known[uuid] = state
