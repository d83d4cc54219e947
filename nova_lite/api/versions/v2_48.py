# SPDX-License-Identifier: Apache-2.0
"""Diagnostics are the same for every driver. Before, each showed its own names."""

from typing import Any

from nova_lite.api.versions.change import Change

# (name as libvirt's driver had it, the newer one)
_DISK = (
    ("read_req", "read_requests"),
    ("read", "read_bytes"),
    ("write_req", "write_requests"),
    ("write", "write_bytes"),
    ("errors", "errors_count"),
)
_NIC = (
    ("rx", "rx_octets"),
    ("rx_drop", "rx_drop"),
    ("rx_errors", "rx_errors"),
    ("rx_packets", "rx_packets"),
    ("tx", "tx_octets"),
    ("tx_drop", "tx_drop"),
    ("tx_errors", "tx_errors"),
    ("tx_packets", "tx_packets"),
)
_KIB = 1024


def _flat(item: dict[str, Any], found: Any, request: Any) -> None:
    item.clear()
    for cpu in found.cpus:
        item[f"cpu{cpu.id}_time"] = cpu.time
    for disk in found.disks:
        item |= {f"{disk.name}_{old}": getattr(disk, new) for old, new in _DISK}
    for nic in found.nics:
        item |= {f"{nic.name}_{old}": getattr(nic, new) for old, new in _NIC if nic.name}
    if found.memory_used is not None:
        item["memory"] = found.memory_maximum * _KIB if found.memory_maximum else None
        item["memory-actual"] = found.memory_used * _KIB


CHANGE = Change(
    number=48,
    title="Standard diagnostics document for every driver",
    response={"diagnostics": (_flat,)},
)
