# SPDX-License-Identifier: Apache-2.0
"""What is done inside of guests, or asked of them: passwords, crash dumps, diagnostics."""

from msgspec.structs import replace

from nova_lite.base import clock
from nova_lite.domain.diagnostics import CpuDetails, Diagnostics, DiskDetails, NicDetails
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import PowerState
from nova_lite.virt.driver import STATE_WORDS
from nova_lite.virt.libvirt.guest import Guests
from nova_lite.virt.libvirt.xml.parse import devices_of

KIB_IN_MIB = 1024


class LibvirtPassword:
    """By the agent in the guest."""

    def __init__(self, guests: Guests) -> None:
        self._guests = guests

    def set_password(self, instance: Instance, user: str, password: str) -> None:
        self._guests.get(instance.uuid, instance.guest_name).set_password(user, password)


class LibvirtCrashDump:
    """By an interrupt that cannot be masked; what the guest does about it is its own matter."""

    def __init__(self, guests: Guests) -> None:
        self._guests = guests

    def trigger(self, instance: Instance) -> None:
        self._guests.get(instance.uuid, instance.guest_name).interrupt()


class LibvirtDiagnostics:
    """Counters of libvirt. `virt_type`: kvm or qemu."""

    def __init__(self, guests: Guests, virt_type: str) -> None:
        self._guests = guests
        self._virt_type = virt_type

    def read(self, instance: Instance) -> Diagnostics:
        guest = self._guests.get(instance.uuid, instance.guest_name)
        state = guest.power_state()
        found = Diagnostics(
            state=STATE_WORDS.get(state, "pending"),
            driver="libvirt",
            hypervisor=self._virt_type,
            hypervisor_os="linux",
            config_drive=instance.config_drive,
            memory_maximum=instance.flavor.memory_mb,
        )
        if state not in (PowerState.RUNNING, PowerState.PAUSED):
            return found
        disks, nics = devices_of(guest.xml(live=True))
        return replace(
            found,
            uptime=_uptime(instance),
            memory_used=guest.memory_kib() // KIB_IN_MIB,
            cpus=[CpuDetails(id=number, time=time) for number, time in guest.vcpu_times()],
            disks=[_disk(name, guest.block_stats(name)) for name in disks],
            nics=[_nic(name, mac, guest.interface_stats(name)) for name, mac in nics],
        )


def _uptime(instance: Instance) -> int | None:
    if instance.launched_at is None:
        return None
    return max(0, int((clock.now() - instance.launched_at).total_seconds()))


def _disk(name: str, stats: tuple[int, ...]) -> DiskDetails:
    reads, read, writes, written, errors = stats
    return DiskDetails(
        name=name,
        read_requests=reads,
        read_bytes=read,
        write_requests=writes,
        write_bytes=written,
        errors_count=None if errors < 0 else errors,
    )


def _nic(name: str, mac: str, stats: tuple[int, ...]) -> NicDetails:
    """libvirt does not count what goes through user mode."""
    if not stats:
        return NicDetails(name=name, mac_address=mac)
    rx_octets, rx_packets, rx_errors, rx_drop, tx_octets, tx_packets, tx_errors, tx_drop = stats
    return NicDetails(
        name=name,
        mac_address=mac,
        rx_octets=rx_octets,
        rx_packets=rx_packets,
        rx_errors=rx_errors,
        rx_drop=rx_drop,
        tx_octets=tx_octets,
        tx_packets=tx_packets,
        tx_errors=tx_errors,
        tx_drop=tx_drop,
    )
