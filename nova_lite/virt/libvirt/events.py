# SPDX-License-Identifier: Apache-2.0
"""What happens to guests: libvirt's events become GuestEvents.

They come in the thread of libvirt's event loop; another native thread keeps the connection on
which they come. What our own calls do to guests makes events too, and an event may be old when
it is heard: whoever listens looks at the guest before he acts.
"""

import logging
from collections.abc import Callable
from typing import Any

from nova_lite.base import concurrency
from nova_lite.domain.errors import NovaLiteError
from nova_lite.domain.states import PowerState
from nova_lite.virt.driver import GuestEvent
from nova_lite.virt.libvirt.connection import Connection
from nova_lite.virt.libvirt.guest import Guests

LOG = logging.getLogger(__name__)

# virDomainEventType -> the state that the guest has then; the others change none.
_STATES = {
    2: PowerState.RUNNING,  # started
    3: PowerState.PAUSED,  # suspended
    4: PowerState.RUNNING,  # resumed
    5: PowerState.SHUTDOWN,  # stopped
    7: PowerState.SUSPENDED,  # by its own power management
    8: PowerState.CRASHED,
}


class LibvirtEvents:
    """The events group."""

    def __init__(self, connection: Connection, guests: Guests) -> None:
        self._connection = connection
        self._guests = guests
        self._callbacks: list[Callable[[GuestEvent], None]] = []

    def listen(self, callback: Callable[[GuestEvent], None]) -> None:
        """Call back for each event from now on, from a native thread."""
        self._callbacks.append(callback)
        if len(self._callbacks) > 1:
            return
        self._connection.on_connect(self._register)
        threading = concurrency.original("threading")
        threading.Thread(
            target=self._connection.watch,
            args=(self._tell_of_all,),
            name="libvirt-watch",
            daemon=True,
        ).start()

    def _register(self, connection: Any) -> None:
        """With each new connection."""
        kind = self._connection.lib.VIR_DOMAIN_EVENT_ID_LIFECYCLE
        connection.domainEventRegisterAny(None, kind, self._happened, None)

    def _happened(self, connection: Any, domain: Any, event: int, detail: int, _: Any) -> None:
        """Called by libvirt in the thread of the event loop: no calls to libvirt from here."""
        state = _STATES.get(event)
        if state is not None:
            self._tell(GuestEvent(uuid=domain.UUIDString(), power_state=state))

    def _tell_of_all(self) -> None:
        """After a time without a connection: anything may have happened meanwhile."""
        try:
            guests = self._guests.all()
        except NovaLiteError as error:
            LOG.info("The guests cannot be looked at: %s", error)
            return
        for guest in guests:
            if guest.uuid is not None:
                self._tell(GuestEvent(uuid=guest.uuid, power_state=PowerState(guest.power_state)))

    def _tell(self, event: GuestEvent) -> None:
        for callback in self._callbacks:
            try:
                callback(event)
            except Exception:
                LOG.exception("A listener for guest events failed")
