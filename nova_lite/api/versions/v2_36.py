# SPDX-License-Identifier: Apache-2.0
"""The proxies to other services end, and with them the quota of networks."""

from nova_lite.api.shapes import QUOTA
from nova_lite.api.versions import network_quota
from nova_lite.api.versions.change import Change, named, replaced
from nova_lite.domain.quota import NETWORK

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
        "quota_set": (network_quota.show_limits_of_project,),
        "quota_set.defaults": (network_quota.show_limits,),
        "quota_set.detail": (network_quota.show_numbers,),
        "limits": (network_quota.show_absolute,),
    },
)
