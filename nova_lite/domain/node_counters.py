# SPDX-License-Identifier: Apache-2.0
"""The numbers that answers about hypervisors carried before 2.88. MiB and GiB, as before."""

from typing import Any

from nova_lite.domain.host import ComputeNode, Inventory

_NOTHING = Inventory(total=0)
NAMES = (
    "vcpus",
    "vcpus_used",
    "memory_mb",
    "memory_mb_used",
    "free_ram_mb",
    "local_gb",
    "local_gb_used",
    "free_disk_gb",
    "disk_available_least",
    "running_vms",
    "current_workload",
)


def of(node: ComputeNode) -> dict[str, Any]:
    """What a node has and how much of it is taken. Free memory and disk may be negative, where
    more is sold than there is."""
    report, used = node.report, node.used

    def total(name: str) -> int:
        return report.inventory.get(name, _NOTHING).total

    def taken(name: str) -> int:
        return report.inventory.get(name, _NOTHING).reserved + used.get(name, 0)

    memory, disk = total("MEMORY_MB"), total("DISK_GB")
    memory_used, disk_used = taken("MEMORY_MB"), taken("DISK_GB")
    return {
        "vcpus": total("VCPU") + total("PCPU"),
        "vcpus_used": used.get("VCPU", 0) + used.get("PCPU", 0),
        "memory_mb": memory,
        "memory_mb_used": memory_used,
        "free_ram_mb": memory - memory_used,
        "local_gb": disk,
        "local_gb_used": disk_used,
        "free_disk_gb": disk - disk_used,
        "disk_available_least": report.disk_available_least,
        "running_vms": node.instances,
        "current_workload": int(report.stats.get("io_workload", 0)),
    }


def total(nodes: list[ComputeNode]) -> dict[str, Any]:
    """The sums over nodes."""
    sums: dict[str, Any] = {"count": len(nodes)}
    each = [of(node) for node in nodes]
    for name in NAMES:
        sums[name] = sum(numbers[name] or 0 for numbers in each)
    return sums
