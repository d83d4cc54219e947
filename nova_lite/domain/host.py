# SPDX-License-Identifier: Apache-2.0
"""Services, compute nodes, what they have and how much of it is taken."""

import datetime as dt
from typing import Any

import msgspec


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """A daemon that reports. `up` is judged by the conductor when it reads the row."""

    uuid: str
    binary: str
    host: str
    topic: str
    id: int = 0
    zone: str = "internal"
    disabled: bool = False
    disabled_reason: str | None = None
    forced_down: bool = False
    up: bool = False
    report_count: int = 0
    last_seen_up: dt.datetime | None = None
    updated_at: dt.datetime | None = None
    version: int = 1
    wire_level: int = 1


class Inventory(msgspec.Struct, frozen=True, kw_only=True):
    """How much of one resource class a node has. Capacity = (total - reserved) * ratio."""

    total: int
    reserved: int = 0
    ratio: float = 1.0
    min_unit: int = 1
    max_unit: int = 2147483647
    step_size: int = 1

    @property
    def capacity(self) -> int:
        return int((self.total - self.reserved) * self.ratio)


class NodeReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a compute service says of a node of its: facts, no claims.

    `inventory` by resource class (VCPU, MEMORY_MB, DISK_GB, ...). `stats`: io_workload
    (number of busy operations), failed_builds, metrics. `supported`: rows of
    (architecture, hypervisor type, vm mode).
    """

    node_uuid: str
    hypervisor_hostname: str
    hypervisor_type: str
    hypervisor_version: int
    host_ip: str | None = None
    inventory: dict[str, Inventory] = {}
    traits: list[str] = []
    supported: list[tuple[str, str, str]] = []
    cpu_info: dict[str, Any] = {}
    disk_available_least: int | None = None
    local_gb_used: int = 0
    memory_mb_used: int = 0
    running_vms: int = 0
    uptime: str | None = None
    stats: dict[str, Any] = {}
    capabilities: dict[str, bool] = {}


class ComputeNode(msgspec.Struct, frozen=True, kw_only=True):
    """A node as stored: the last report, its service, and what allocations take of it."""

    uuid: str
    host: str
    report: NodeReport
    service: Service
    used: dict[str, int] = {}
    instances: int = 0
    id: int = 0
    servers: list["ServerOnHost"] = []


class ServerOnHost(msgspec.Struct, frozen=True, kw_only=True):
    uuid: str
    name: str


class HostState(msgspec.Struct, kw_only=True):
    """A node as the scheduler sees it. Mutable: picks are consumed from it.

    `generation` grows with every change of the row at the conductor. `used` is by resource
    class. `zone` is the availability zone; `aggregates` the metadata of the host's aggregates.
    """

    host: str
    node: str
    node_uuid: str
    cell: str
    generation: int = 0
    up: bool = True
    disabled: bool = False
    disabled_reason: str | None = None
    zone: str = "nova"
    host_ip: str | None = None
    hypervisor_type: str = ""
    hypervisor_version: int = 0
    supported: list[tuple[str, str, str]] = []
    inventory: dict[str, Inventory] = {}
    used: dict[str, int] = {}
    traits: list[str] = []
    instances: int = 0
    io_workload: int = 0
    failed_builds: int = 0
    aggregates: list[dict[str, str]] = []
    cpu_info: dict[str, Any] = {}
    stats: dict[str, Any] = {}


class HostDelta(msgspec.Struct, frozen=True, kw_only=True):
    """Hosts changed since a generation. `full` = forget all others."""

    generation: int
    hosts: list[HostState] = []
    removed: list[str] = []
    full: bool = False


class AvailabilityZone(msgspec.Struct, frozen=True, kw_only=True):
    """hosts: host -> binary -> Service; filled only for the detailed list."""

    name: str
    available: bool
    hosts: dict[str, dict[str, Service]] | None = None


class GuestSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A guest that a hypervisor knows. uuid None: not one of ours (left alone)."""

    name: str
    uuid: str | None
    power_state: int
    disks: bool = True
