# SPDX-License-Identifier: Apache-2.0
"""Diagnostics as the newest microversion shows them."""

from typing import Any, Final

import msgspec

from nova_lite.api.request import Request
from nova_lite.api.view import Item, Make, closed
from nova_lite.domain.diagnostics import Diagnostics

_COUNT: Final = {"type": ["integer", "null"]}
_TEXT: Final = {"type": ["string", "null"]}
CPU: Final = closed(dict.fromkeys(("id", "time", "utilisation"), _COUNT))
DISK: Final = closed(
    dict.fromkeys(
        ("read_bytes", "read_requests", "write_bytes", "write_requests", "errors_count"), _COUNT
    )
)
_NIC_COUNTS: Final = tuple(
    f"{side}_{what}"
    for side in ("rx", "tx")
    for what in ("octets", "errors", "drop", "packets", "rate")
)
NIC: Final = closed({"mac_address": _TEXT, **dict.fromkeys(_NIC_COUNTS, _COUNT)})
SCHEMA: Final = closed(
    {
        "state": {"type": "string"},
        "driver": {"type": "string"},
        "hypervisor": _TEXT,
        "hypervisor_os": _TEXT,
        "uptime": _COUNT,
        "config_drive": {"type": "boolean"},
        "num_cpus": _COUNT,
        "num_nics": _COUNT,
        "num_disks": _COUNT,
        "memory_details": closed({"maximum": _COUNT, "used": _COUNT}),
        "cpu_details": {"type": "array", "items": CPU},
        "disk_details": {"type": "array", "items": DISK},
        "nic_details": {"type": "array", "items": NIC},
    }
)


def _without_name(value: Any) -> dict[str, Any]:
    shown: dict[str, Any] = msgspec.structs.asdict(value)
    del shown["name"]
    return shown


def _build(request: Request) -> Make:
    def make(found: Diagnostics) -> dict[str, Any]:
        return {
            "state": found.state,
            "driver": found.driver,
            "hypervisor": found.hypervisor,
            "hypervisor_os": found.hypervisor_os,
            "uptime": found.uptime,
            "config_drive": found.config_drive,
            "num_cpus": len(found.cpus),
            "num_nics": len(found.nics),
            "num_disks": len(found.disks),
            "memory_details": {"maximum": found.memory_maximum, "used": found.memory_used},
            "cpu_details": [msgspec.structs.asdict(cpu) for cpu in found.cpus],
            "disk_details": [_without_name(disk) for disk in found.disks],
            "nic_details": [_without_name(nic) for nic in found.nics],
        }

    return make


DIAGNOSTICS = Item(key=None, shape="diagnostics", build=_build, of=SCHEMA)
