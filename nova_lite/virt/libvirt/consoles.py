# SPDX-License-Identifier: Apache-2.0
"""Where the screens and serial ports of guests listen, read from the guests that run."""

from collections.abc import Mapping
from typing import Final

from nova_lite.domain import errors
from nova_lite.domain.console import ConsoleAddress, ConsoleType
from nova_lite.domain.instance import Instance
from nova_lite.virt.libvirt.guest import Guests
from nova_lite.virt.libvirt.xml.parse import Listener, graphics_of, serial_port_of

GRAPHICS: Final[Mapping[ConsoleType, str]] = {
    ConsoleType.NOVNC: "vnc",
    ConsoleType.SPICE_HTML5: "spice",
    ConsoleType.SPICE_DIRECT: "spice",
}


class LibvirtConsoles:
    """The console group. `hosts`: where proxies reach this host for vnc, spice and serial."""

    def __init__(self, guests: Guests, hosts: Mapping[str, str]) -> None:
        self._guests = guests
        self._hosts = hosts

    def address(self, instance: Instance, kind: ConsoleType) -> ConsoleAddress:
        guest = self._guests.get(instance.uuid, instance.guest_name)
        if not guest.is_active():
            raise errors.InstanceNotReady(instance_id=instance.uuid)
        domain = guest.xml(live=True)
        name = GRAPHICS.get(kind, str(kind))
        if kind is ConsoleType.SERIAL:
            port = serial_port_of(domain)
            found = Listener(port=port) if port is not None else None
        else:
            found = graphics_of(domain, name)
        if found is None:
            raise errors.ConsoleTypeUnavailable(console_type=str(kind))
        return ConsoleAddress(
            host=self._hosts[name],
            port=found.port,
            tls_port=found.tls_port if kind is ConsoleType.SPICE_DIRECT else None,
        )
