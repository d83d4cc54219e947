# SPDX-License-Identifier: Apache-2.0
"""Floating addresses as the Compute API showed them."""

from typing import Any

from nova_lite.api.request import Request
from nova_lite.api.resources.floating_ips import schema
from nova_lite.api.resources.floating_ips.handlers import Placed
from nova_lite.api.view import Collection, Item, Make


def _build(request: Request) -> Make:
    def make(placed: Placed) -> dict[str, Any]:
        floating, network = placed.floating, placed.network
        return {
            "id": floating.id,
            "ip": floating.address,
            "pool": (network.name or network.id) if network else None,
            "fixed_ip": floating.fixed_address,
            "instance_id": placed.server,
        }

    return make


def _build_pool(request: Request) -> Make:
    return lambda network: {"name": network.name or network.id}


FLOATING_IPS = Collection(
    key="floating_ips", shape="floating_ip", build=_build, of=schema.FLOATING_IP
)
FLOATING_IP = Item(key="floating_ip", shape="floating_ip", build=_build, of=schema.FLOATING_IP)
POOLS = Collection(
    key="floating_ip_pools", shape="floating_ip_pool", build=_build_pool, of=schema.POOL
)
