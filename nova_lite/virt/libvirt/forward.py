# SPDX-License-Identifier: Apache-2.0
"""A TCP port of the host for each guest in user mode, which leads to the guest's ssh server.

QEMU is told by its own console each time that a guest has started: a port in the definition
would keep a guest from starting whenever somebody else listens there. What a guest has is kept
beside its disks, so that it has the same again.
"""

import logging
import zlib
from collections.abc import Iterator, Set
from pathlib import Path

from nova_lite.base import concurrency, files
from nova_lite.domain import errors
from nova_lite.domain.instance import Instance
from nova_lite.domain.ssh import GUEST_PORT, SshAddress
from nova_lite.virt.libvirt.disk.layout import GuestFolder, folders
from nova_lite.virt.libvirt.guest import Guest, Guests
from nova_lite.virt.libvirt.xml.usernet import forward_line, forwarded, user_netdev

LOG = logging.getLogger(__name__)

KEPT = "ssh-port"  # the file in a guest's folder
TRIES = 100  # ports that are tried before a guest is left without one


class SshForwards:
    """The ssh group. `listen`: an IPv4 address of this host; `bounds`: the first port and the
    last one."""

    def __init__(
        self, guests: Guests, instances: Path, listen: str, bounds: tuple[int, int]
    ) -> None:
        self._guests = guests
        self._instances = instances
        self._listen = listen
        self._bounds = bounds
        # a port that was chosen is taken only when the guest has it
        self._choosing = concurrency.original("threading").Lock()
        self._host = ""

    def use(self, host: str) -> None:
        """The name of this compute service."""
        self._host = host

    def address(self, instance: Instance) -> SshAddress:
        """Of a guest that runs; one that has no port yet gets it now."""
        guest = self._guests.get(instance.uuid, instance.guest_name)
        if not guest.is_active():
            raise errors.InstanceNotReady(instance_id=instance.uuid)
        port = self._ensure(guest)
        if port is None:
            raise errors.SshNotForwarded(instance_id=instance.uuid)
        return SshAddress(host=self._host, address=self._listen, port=port)

    def started(self, guest: Guest) -> None:
        """Called for each guest that starts, which is not to fail for this."""
        try:
            self._ensure(guest)
        except (errors.NovaLiteError, OSError) as error:
            LOG.warning("Guest %s is not reached by ssh: %s", guest.name, error)

    def _ensure(self, guest: Guest) -> int | None:
        """The port; None for a guest without an interface in user mode."""
        netdev = user_netdev(guest.xml(live=True))
        if netdev is None:
            return None
        with self._choosing:
            there = forwarded(guest.ask_emulator("info usernet"), netdev, GUEST_PORT)
            return there[1] if there is not None else self._forward(guest, netdev)

    def _forward(self, guest: Guest, netdev: str) -> int:
        folder = GuestFolder(self._instances, guest.uuid)
        had = _kept(folder)
        seed = zlib.crc32(guest.uuid.encode())
        wanted = candidates(self._bounds, self._taken(guest.uuid), had, seed)
        answer = "no port is left"
        for port, _ in zip(wanted, range(TRIES), strict=False):
            line = forward_line(netdev, self._listen, port, GUEST_PORT)
            answer = guest.ask_emulator(line).strip()
            if not answer:
                if port != had:
                    files.write_whole(folder.path / KEPT, f"{port}\n")
                LOG.info("Guest %s has port %d for ssh", guest.name, port)
                return port
        raise errors.GuestOperationFailed(
            operation="forward a port to", name=guest.name, reason=answer
        )

    def _taken(self, uuid: str) -> set[int]:
        """The ports of all other guests here, on or off."""
        others = (one for one in folders(self._instances) if one.path.name != uuid)
        return {port for one in others if (port := _kept(one)) is not None}


def candidates(
    bounds: tuple[int, int], taken: Set[int], had: int | None, seed: int
) -> Iterator[int]:
    """Ports in the order in which they are tried: what the guest had, then all others from a
    place that follows from `seed`, so that a guest made anew is likely to have the same."""
    first, last = bounds
    if had is not None and first <= had <= last and had not in taken:
        yield had
    count = last - first + 1
    for number in range(count):
        port = first + (seed + number) % count
        if port not in taken and port != had:
            yield port


def _kept(folder: GuestFolder) -> int | None:
    try:
        return int((folder.path / KEPT).read_text())
    except (OSError, ValueError):
        return None
