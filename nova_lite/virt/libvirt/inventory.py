# SPDX-License-Identifier: Apache-2.0
"""What this host has and is: the report that scheduling is done by."""

import datetime as dt
import logging
import math
import os
import uuid
from pathlib import Path

from oslo_config import cfg

from nova_lite.base import clock
from nova_lite.domain.errors import GuestOperationFailed
from nova_lite.domain.host import Inventory, NodeReport
from nova_lite.virt.libvirt.connection import Connection
from nova_lite.virt.libvirt.disk.layout import folders
from nova_lite.virt.libvirt.guest import Guests
from nova_lite.virt.libvirt.options import is_session
from nova_lite.virt.libvirt.traits import traits
from nova_lite.virt.libvirt.xml.capabilities import (
    EmulatorFacts,
    HostFacts,
    emulator_facts,
    host_facts,
    required_features,
    supported,
)

LOG = logging.getLogger(__name__)

GIB = 1 << 30
MEMINFO = Path("/proc/meminfo")
# A node's uuid follows from its name; the service keeps it when the name changes.
_NODES = uuid.UUID("0b6a1f2e-3d64-4c55-9d0e-6a3c2f9b7e11")


def read_host(connection: Connection) -> HostFacts:
    """What libvirt says of the host."""
    return connection.call(
        lambda c: host_facts(c.getCapabilities()), "read the capabilities", again=True
    )


class HostInventory:
    """Reads the host. What cannot change while libvirt runs is read once."""

    def __init__(
        self,
        conf: cfg.ConfigOpts,
        connection: Connection,
        guests: Guests,
        node: str,
        host: HostFacts,
    ) -> None:
        self._conf = conf
        self._connection = connection
        self._guests = guests
        self.node = node
        self._instances = Path(conf.instances_path)
        self.host = host
        self.emulator = self._emulator()
        self._traits = traits(
            *(self.emulator, self._cpu_features(), self.host.arch, self.host.threads),
            limits=not is_session(connection.uri),
        )

    def report(self, capabilities: dict[str, bool]) -> NodeReport:
        """The facts of now."""
        call = self._connection.call
        disk = os.statvfs(self._instances)
        size, free = disk.f_frsize * disk.f_blocks, disk.f_frsize * disk.f_bavail
        memory = meminfo(MEMINFO.read_text(encoding="ascii"))
        cpus = os.cpu_count() or 1
        return NodeReport(
            node_uuid=str(uuid.uuid5(_NODES, self.node)),
            hypervisor_hostname=self.node,
            hypervisor_type=call(lambda c: str(c.getType()), "ask", again=True),
            hypervisor_version=call(lambda c: int(c.getVersion()), "ask", again=True),
            host_ip=str(self._conf.my_ip),
            inventory=inventory(self._conf, cpus, memory["MemTotal"], size),
            traits=self._traits,
            supported=supported(self.host, self._conf.libvirt.virt_type),
            cpu_info=self.host.cpu,
            disk_available_least=max(0, free - self._promised()) // GIB,
            local_gb_used=(size - disk.f_frsize * disk.f_bfree) // GIB,
            memory_mb_used=memory["MemTotal"] - memory["MemAvailable"],
            running_vms=self._guests.running(),
            uptime=uptime(clock.now(), *_load()),
            capabilities=capabilities,
        )

    # --- inside ---------------------------------------------------------------------------

    def _emulator(self) -> EmulatorFacts:
        arch, virt_type = self.host.arch, self._conf.libvirt.virt_type
        return self._connection.call(
            lambda c: emulator_facts(c.getDomainCapabilities(None, arch, None, virt_type)),
            "read the capabilities",
            again=True,
        )

    def _cpu_features(self) -> set[str]:
        """What a guest's CPU may have: those of the model that host-model stands for."""
        model = self.emulator.host_model
        if model is None:
            return set()
        expand = self._connection.lib.VIR_CONNECT_BASELINE_CPU_EXPAND_FEATURES
        arch, virt_type = self.host.arch, self._conf.libvirt.virt_type
        try:
            full = self._connection.call(
                lambda c: str(
                    c.baselineHypervisorCPU(None, arch, None, virt_type, [model], expand)
                ),
                "read the CPU model",
                again=True,
            )
        except GuestOperationFailed as error:
            LOG.warning("The CPU features of guests are not known: %s", error)
            return set()
        return required_features(full)

    def _promised(self) -> int:
        """Bytes that disks may still grow by."""
        promised = 0
        for folder in folders(self._instances):
            record = folder.record()
            for disk in record.disks if record else ():
                try:
                    used = (folder.path / disk.file).stat().st_blocks * 512
                except OSError:
                    continue
                promised += max(0, disk.size - used)
        return promised


def inventory(
    conf: cfg.ConfigOpts, cpus: int, memory_mb: int, disk_bytes: int
) -> dict[str, Inventory]:
    """By resource class. One server can be as large as the host, not larger."""
    disk_gb = disk_bytes // GIB
    return {
        "VCPU": _of(
            cpus,
            conf.reserved_host_cpus,
            conf.cpu_allocation_ratio,
            conf.initial_cpu_allocation_ratio,
        ),
        "MEMORY_MB": _of(
            memory_mb,
            conf.reserved_host_memory_mb,
            conf.ram_allocation_ratio,
            conf.initial_ram_allocation_ratio,
        ),
        "DISK_GB": _of(
            disk_gb,
            math.ceil(conf.reserved_host_disk_mb / 1024),
            conf.disk_allocation_ratio,
            conf.initial_disk_allocation_ratio,
        ),
    }


def _of(total: int, reserved: int, ratio: float | None, initial: float) -> Inventory:
    return Inventory(
        total=total,
        reserved=min(reserved, total),
        ratio=ratio or initial,
        max_unit=max(1, total),
    )


def meminfo(text: str) -> dict[str, int]:
    """/proc/meminfo in MiB."""
    rows = (line.split() for line in text.splitlines())
    return {row[0].rstrip(":"): int(row[1]) // 1024 for row in rows if len(row) == 3}


def _load() -> tuple[float, tuple[float, float, float]]:
    seconds = float(Path("/proc/uptime").read_text(encoding="ascii").split()[0])
    return seconds, os.getloadavg()


def uptime(now: dt.datetime, seconds: float, load: tuple[float, float, float]) -> str:
    """As the program of this name puts it."""
    days, rest = divmod(int(seconds), 86400)
    hours, minutes = rest // 3600, rest % 3600 // 60
    since = f"{hours}:{minutes:02}" if hours else f"{minutes} min"
    if days:
        since = f"{days} day{'s' if days > 1 else ''}, {since}"
    loads = ", ".join(f"{value:.2f}" for value in load)
    return f" {now:%H:%M:%S} up {since},  load average: {loads}"
