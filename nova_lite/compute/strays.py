# SPDX-License-Identifier: Apache-2.0
"""Guests of ours that should not be here: their server is deleted, or lives elsewhere.

They are left when a host was cut off while its servers were deleted or built anew on another
host. A guest that the conductor has never heard of is left alone, whatever it says of itself:
it may belong to another installation, and an empty database must not empty its hosts.
"""

import logging
from typing import Any, Final

import msgspec

from nova_lite.base import clock
from nova_lite.base.context import RequestContext
from nova_lite.compute.calls import InstanceCalls
from nova_lite.compute.drivers import call
from nova_lite.domain import errors
from nova_lite.domain.host import GuestSeen
from nova_lite.domain.instance import Instance, InstanceQuery
from nova_lite.domain.states import PowerState, VmState
from nova_lite.virt.driver import Driver

LOG = logging.getLogger(__name__)

BATCH: Final = 200  # servers asked for at a time
_decoder = msgspec.json.Decoder(list[Instance])


class Strays:
    """The stray guests of one host."""

    def __init__(
        self, conf: Any, host: str, driver: Driver, calls: InstanceCalls, conductor: Any
    ) -> None:
        """`conductor`: its client."""
        self._action: str = conf.running_deleted_instance_action
        self._timeout: int = conf.running_deleted_instance_timeout
        self._host = host
        self._driver = driver
        self._calls = calls
        self._conductor = conductor
        self._unclear: set[str] = set()

    def check(self, context: RequestContext) -> list[str]:
        """Look at all guests; returns the strays' uuids."""
        if self._action == "noop":
            return []
        guests = self._guests()
        return [
            instance.uuid
            for instance in self._known(context, sorted(guests))
            if self._dealt_with(context, instance, guests[instance.uuid])
        ]

    def check_new(self, context: RequestContext, built: set[str]) -> list[str]:
        """Look at the guests `built` since the last time, and at those of which it was not
        clear then: their builds may have been given up while they went on here."""
        self._unclear |= built
        if self._action == "noop" or not self._unclear:
            return []
        guests = self._guests()
        wanted = sorted(self._unclear & guests.keys())
        known = self._known(context, wanted)
        self._unclear = {one.uuid for one in known if one.vm_state is VmState.BUILDING}
        return [
            instance.uuid
            for instance in known
            if self._dealt_with(context, instance, guests[instance.uuid])
        ]

    def _guests(self) -> dict[str, GuestSeen]:
        found = call(self._driver, self._driver.list_guests)
        return {one.uuid: one for one in found if one.uuid is not None}

    def _known(self, context: RequestContext, uuids: list[str]) -> list[Instance]:
        """What the conductor says of these servers, deleted ones included."""
        found: list[Instance] = []
        for start in range(0, len(uuids), BATCH):
            part = uuids[start : start + BATCH]
            query = InstanceQuery(
                project_id=None, filters={"uuid": part}, deleted=None, limit=len(part)
            )
            text = self._conductor.list_instances(context, query=query, summary=False)
            found += _decoder.decode(text)
        unknown = set(uuids) - {instance.uuid for instance in found}
        if unknown:
            LOG.debug("Guests that nobody knows are left alone: %s", ", ".join(sorted(unknown)))
        return found

    def _is_stray(self, instance: Instance) -> bool:
        if not instance.deleted:
            return instance.host != self._host
        if instance.deleted_at is None:
            return True
        return (clock.now() - instance.deleted_at).total_seconds() >= self._timeout

    def _dealt_with(self, context: RequestContext, instance: Instance, guest: GuestSeen) -> bool:
        """True for a stray; what the option says has been done to it."""
        if not self._is_stray(instance) or self._calls.busy(instance.uuid):
            return False
        where = "is deleted" if instance.deleted else f"lives on {instance.host or 'no host'}"
        if self._action == "log":
            LOG.warning("[instance: %s] %s, but has a guest here", instance.uuid, where)
            return True
        LOG.warning(
            "[instance: %s] %s, but has a guest here: %s", instance.uuid, where, self._action
        )
        try:
            self._calls.run(
                instance.uuid, ("stray",), lambda: self._remove(context, instance, guest)
            )
        except errors.NovaLiteError as error:
            LOG.warning("[instance: %s] %s", instance.uuid, error.message)
        return True

    def _remove(self, context: RequestContext, instance: Instance, guest: GuestSeen) -> None:
        # It may have been placed here while this call waited for its turn.
        now = self._known(context, [instance.uuid])
        if not now or not self._is_stray(now[0]):
            return
        if self._action == "reap":
            call(self._driver, self._driver.destroy, instance)
        elif guest.power_state != PowerState.NOSTATE:
            call(self._driver, self._driver.power.stop, instance, 0)
