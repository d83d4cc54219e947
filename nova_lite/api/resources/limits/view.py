# SPDX-License-Identifier: Apache-2.0
"""Limits as the newest microversion shows them."""

from typing import Any, Final

from nova_lite.api.request import Request
from nova_lite.api.view import Item, Make, closed
from nova_lite.domain.quota import QuotaSet

# what is shown -> (name of the quota, which of its numbers)
NUMBERS: Final[dict[str, tuple[str, str]]] = {
    "maxTotalInstances": ("instances", "limit"),
    "maxTotalCores": ("cores", "limit"),
    "maxTotalRAMSize": ("ram", "limit"),
    "maxTotalKeypairs": ("key_pairs", "limit"),
    "maxServerMeta": ("metadata_items", "limit"),
    "maxServerGroups": ("server_groups", "limit"),
    "maxServerGroupMembers": ("server_group_members", "limit"),
    "totalInstancesUsed": ("instances", "in_use"),
    "totalCoresUsed": ("cores", "in_use"),
    "totalRAMUsed": ("ram", "in_use"),
    "totalServerGroupsUsed": ("server_groups", "in_use"),
}

SCHEMA = closed(
    {
        "rate": {"type": "array", "maxItems": 0},
        "absolute": closed({name: {"type": "integer"} for name in NUMBERS}),
    }
)


def _build(request: Request) -> Make:
    def make(quota: QuotaSet) -> dict[str, Any]:
        absolute = {
            shown: getattr(quota.items[name], number) for shown, (name, number) in NUMBERS.items()
        }
        return {"rate": [], "absolute": absolute}

    return make


LIMITS = Item(key="limits", shape="limits", build=_build, of=SCHEMA)
