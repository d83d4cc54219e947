# SPDX-License-Identifier: Apache-2.0
"""Addresses, by the names of their networks."""

from typing import Any

from nova_lite.api.request import Request
from nova_lite.api.view import Item, Make, closed
from nova_lite.domain.devices import Vif

_ADDRESS = closed({"version": {"type": "integer"}, "addr": {"type": "string"}})
SCHEMA = {"type": "object", "additionalProperties": {"type": "array", "items": _ADDRESS}}


def _build(request: Request) -> Make:
    def make(vifs: list[Vif]) -> dict[str, Any]:
        found: dict[str, list[dict[str, Any]]] = {}
        for vif in vifs:
            of_label = found.setdefault(vif.label, [])
            for fixed in vif.fixed_ips:
                of_label.append({"version": fixed.version, "addr": fixed.address})
                of_label += [{"version": 4, "addr": floating} for floating in fixed.floating_ips]
        return found

    return make


ADDRESSES = Item(key="addresses", shape="addresses", build=_build, of=SCHEMA)
OF_ONE = Item(key=None, shape="addresses", build=_build, of=SCHEMA)
