# SPDX-License-Identifier: Apache-2.0
"""Interfaces as the newest microversion shows them."""

from typing import Any

from nova_lite.api.request import Request
from nova_lite.api.view import Collection, Item, Make, closed
from nova_lite.domain.devices import Vif

_UUID = {"type": "string", "format": "uuid"}
SCHEMA = closed(
    {
        "port_state": {"type": "string"},
        "fixed_ips": {
            "type": ["array", "null"],
            "items": closed(
                {"subnet_id": {**_UUID, "type": ["string", "null"]},
                 "ip_address": {"type": "string"}}
            ),
        },
        "net_id": _UUID,
        "port_id": _UUID,
        "mac_addr": {"type": "string"},
        "tag": {"type": ["string", "null"]},
    }
)  # fmt: skip


def _build(request: Request) -> Make:
    def make(vif: Vif) -> dict[str, Any]:
        return {
            "port_state": "ACTIVE" if vif.active else "DOWN",
            "fixed_ips": [
                {"subnet_id": fixed.subnet_id, "ip_address": fixed.address}
                for fixed in vif.fixed_ips
            ],
            "net_id": vif.network_id,
            "port_id": vif.port_id,
            "mac_addr": vif.mac,
            "tag": vif.tag,
        }

    return make


INTERFACES = Collection(key="interfaceAttachments", shape="interface", build=_build, of=SCHEMA)
INTERFACE = Item(key="interfaceAttachment", shape="interface", build=_build, of=SCHEMA)
