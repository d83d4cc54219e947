# SPDX-License-Identifier: Apache-2.0
"""The power switch of guests. Each verb that finds its work done answers as if it had done it."""

import logging

from nova_lite.base import clock
from nova_lite.domain.errors import GuestOperationFailed
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import PowerState
from nova_lite.virt.libvirt.definition import Definitions
from nova_lite.virt.libvirt.guest import Guest, Guests

LOG = logging.getLogger(__name__)


class LibvirtPower:
    """The power group. `retry_interval`: seconds between presses of the power button;
    `soft_reboot_timeout`: seconds after which a soft reboot becomes a hard one."""

    def __init__(
        self,
        guests: Guests,
        definitions: Definitions,
        retry_interval: float,
        soft_reboot_timeout: float,
    ) -> None:
        self._guests = guests
        self._definitions = definitions
        self._retry_interval = retry_interval
        self._soft_reboot_timeout = soft_reboot_timeout

    def start(self, instance: Instance) -> PowerState:
        """From the definition that is there, else from one made anew."""
        guest = self._guest(instance)
        if not guest.exists():
            self._definitions.redefine(instance)
        if not guest.is_active():
            guest.start()
        return guest.power_state()

    def stop(self, instance: Instance, timeout: int) -> PowerState:
        """Ask for `timeout` seconds, then cut the power."""
        guest = self._guest(instance)
        if guest.is_active() and not self._shut_down(guest, timeout):
            guest.cut_power()
        return guest.power_state()

    def reboot(self, instance: Instance, hard: bool) -> PowerState:
        """Soft: the guest shuts down, and is started; hard: power cut, with a definition made
        anew. A soft one that the guest does not react to becomes a hard one."""
        guest = self._guest(instance)
        if not hard and guest.exists() and guest.power_state() is PowerState.RUNNING:
            if self._shut_down(guest, self._soft_reboot_timeout):
                guest.start()
                return guest.power_state()
            LOG.info("Guest %s does not react: it is rebooted hard", guest.name)
        self._reboot_hard(guest, instance)
        return guest.power_state()

    # --- inside ---------------------------------------------------------------------------

    def _guest(self, instance: Instance) -> Guest:
        return self._guests.get(instance.uuid, instance.guest_name)

    def _reboot_hard(self, guest: Guest, instance: Instance) -> None:
        if guest.exists():
            if guest.is_active():
                guest.cut_power()
            if guest.has_saved_state():
                guest.drop_saved_state()
        self._definitions.redefine(instance)
        guest.start()

    def _shut_down(self, guest: Guest, timeout: float) -> bool:
        """Press the power button again and again, by ACPI first and then by the agent, where
        there is one. True when the guest is off."""
        if timeout <= 0 or guest.power_state() is PowerState.PAUSED:
            return False  # a frozen guest cannot react
        deadline = clock.monotonic() + timeout
        by_agent = False
        while (left := deadline - clock.monotonic()) > 0:
            try:
                guest.ask_to_power_off(by_agent)
            except GuestOperationFailed as error:
                LOG.info("Guest %s was asked to power off in vain: %s", guest.name, error)
            if guest.wait(min(self._retry_interval, left), off=True):
                return True
            by_agent = not by_agent
        return False
