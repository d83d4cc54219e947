# SPDX-License-Identifier: Apache-2.0
"""Plugging interfaces into guests, running or not, and out of them.

An interface is known by its MAC address. A running guest lets go of one when it has noticed
the request, which it may miss while it boots: so it is asked again.
"""

import logging

from nova_lite.base import clock, concurrency
from nova_lite.domain.devices import Vif
from nova_lite.domain.errors import GuestOperationFailed
from nova_lite.domain.instance import Instance
from nova_lite.virt.libvirt import spec
from nova_lite.virt.libvirt.guest import Guest, Guests
from nova_lite.virt.libvirt.xml import interface_xml
from nova_lite.virt.libvirt.xml.parse import interface_of

LOG = logging.getLogger(__name__)

POLL = 0.1  # seconds between looks at a guest that was asked to let an interface go


class LibvirtInterfaces:
    """The interfaces group. `attempts`: how often a guest is asked to let go; `timeout`:
    seconds that it gets each time."""

    def __init__(self, guests: Guests, attempts: int, timeout: float) -> None:
        self._guests = guests
        self._attempts = attempts
        self._timeout = timeout

    def attach(self, instance: Instance, vif: Vif) -> None:
        guest = self._guests.get(instance.uuid, instance.guest_name)
        try:
            wanted = spec.interface(vif, instance)
        except spec.SpecError as error:
            raise self._failed("attach an interface to", guest, str(error)) from error
        if wanted is None:
            return
        text = interface_xml(wanted)
        for live in self._sides(guest):
            if interface_of(guest.xml(live=live), vif.mac) is None:
                guest.plug(text, live=live)

    def detach(self, instance: Instance, vif: Vif) -> None:
        guest = self._guests.get(instance.uuid, instance.guest_name)
        text = interface_of(guest.xml(live=False), vif.mac)
        if text is not None:
            guest.unplug(text, live=False)
        if guest.is_active():
            self._unplug_live(guest, vif.mac)

    def _unplug_live(self, guest: Guest, mac: str) -> None:
        for _ in range(self._attempts):
            text = interface_of(guest.xml(live=True), mac)
            if text is None:
                return
            try:
                guest.unplug(text, live=True)
            except GuestOperationFailed as error:
                # It is on its way already, or went this moment: the look afterwards decides.
                LOG.info("Guest %s: %s", guest.name, error.message)
            if self._gone(guest, mac):
                return
        reason = "the guest does not let it go"
        raise self._failed("detach an interface from", guest, reason)

    def _gone(self, guest: Guest, mac: str) -> bool:
        pause = concurrency.original("threading").Event()
        deadline = clock.monotonic() + self._timeout
        while interface_of(guest.xml(live=True), mac) is not None:
            if clock.monotonic() >= deadline:
                return False
            pause.wait(POLL)
        return True

    def _sides(self, guest: Guest) -> tuple[bool, ...]:
        """The running guest (True) and the definition (False) that the next one is made of."""
        return (True, False) if guest.is_active() else (False,)

    def _failed(self, operation: str, guest: Guest, reason: str) -> GuestOperationFailed:
        return GuestOperationFailed(operation=operation, name=guest.name, reason=reason)
