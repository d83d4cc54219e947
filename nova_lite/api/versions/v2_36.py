# SPDX-License-Identifier: Apache-2.0
"""The proxies to other services end, and with them the quota of networks."""

from typing import Any

from nova_lite.api.shapes import QUOTA
from nova_lite.api.versions.change import Change, named, replaced
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
    ends=named(
        "floating_ip_pools.list",
        "floating_ips.create",
        "floating_ips.delete",
        "floating_ips.list",
        "floating_ips.show",
        "networks.list",
        "networks.show",
        "security_group_rules.create",
        "security_group_rules.delete",
        "security_groups.create",
        "security_groups.delete",
        "security_groups.list",
        "security_groups.show",
        "security_groups.update",
        "tenant_networks.list",
        "tenant_networks.show",
    ),
    body={"quota_sets.update": replaced("quota_set", **dict.fromkeys(NETWORK, QUOTA))},
    response={
        "quota_set": (_network_limits,),
        "quota_set.defaults": (_network_limits,),
        "quota_set.detail": (_network_numbers,),
        "limits": (_network_absolute,),
    },
)
