# SPDX-License-Identifier: Apache-2.0
"""Pause (the guest stays in memory) and suspend (its memory goes to a file)."""

import logging

from nova_lite.domain.errors import GuestOperationFailed
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import PowerState
from nova_lite.virt.libvirt.guest import Guests

LOG = logging.getLogger(__name__)


class LibvirtPause:
    """The pause group."""

    def __init__(self, guests: Guests) -> None:
        self._guests = guests

    def pause(self, instance: Instance) -> PowerState:
        guest = self._guests.get(instance.uuid, instance.guest_name)
        if guest.power_state() is not PowerState.PAUSED:
            guest.freeze()
        return guest.power_state()

    def unpause(self, instance: Instance) -> PowerState:
        guest = self._guests.get(instance.uuid, instance.guest_name)
        if guest.power_state() is not PowerState.RUNNING:
            guest.thaw()
        return guest.power_state()


class LibvirtSuspend:
    """The suspend group: libvirt's managed save."""

    def __init__(self, guests: Guests) -> None:
        self._guests = guests

    def suspend(self, instance: Instance) -> PowerState:
        guest = self._guests.get(instance.uuid, instance.guest_name)
        if guest.is_active():
            guest.save_and_stop()
        elif not guest.has_saved_state():
            raise GuestOperationFailed(
                operation="suspend", name=guest.name, reason="it is not running"
            )
        return guest.power_state()

    def resume(self, instance: Instance) -> PowerState:
        guest = self._guests.get(instance.uuid, instance.guest_name)
        if not guest.is_active():
            if not guest.has_saved_state():
                LOG.warning("Guest %s has no saved state: it boots", guest.name)
            guest.start()
        elif guest.power_state() is PowerState.PAUSED:
            guest.thaw()
        return guest.power_state()
