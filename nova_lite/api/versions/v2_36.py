# SPDX-License-Identifier: Apache-2.0
"""The proxies to other services end, and with them the quota of networks."""

from typing import Any

from nova_lite.api.shapes import QUOTA
from nova_lite.api.versions.change import Change, replaced
from nova_lite.domain.quota import NETWORK


def _network_limits(item: dict[str, Any], source: Any, request: Any) -> None:
    item.update(NETWORK)


def _network_numbers(item: dict[str, Any], source: Any, request: Any) -> None:
    for name, limit in NETWORK.items():
        item[name] = {"limit": limit, "in_use": 0, "reserved": 0}


def _network_absolute(item: dict[str, Any], source: Any, request: Any) -> None:
    item["absolute"] |= {
        "maxSecurityGroups": NETWORK["security_groups"],
        "maxSecurityGroupRules": NETWORK["security_group_rules"],
        "maxTotalFloatingIps": NETWORK["floating_ips"],
        "totalFloatingIpsUsed": 0,
        "totalSecurityGroupsUsed": 0,
    }


CHANGE = Change(
    number=36,
    title=(
        "Proxy APIs (images, networks, floating/fixed IPs, security groups, volumes, "
        "snapshots, baremetal) and fping 404; network quotas/limits removed"
    ),
    body={"quota_sets.update": replaced("quota_set", **dict.fromkeys(NETWORK, QUOTA))},
    response={
        "quota_set": (_network_limits,),
        "quota_set.defaults": (_network_limits,),
        "quota_set.detail": (_network_numbers,),
        "limits": (_network_absolute,),
    },
)
