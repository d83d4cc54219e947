# SPDX-License-Identifier: Apache-2.0
"""The quota of networks, which the Compute API showed once."""

from typing import Any

import msgspec

from nova_lite.domain.quota import NETWORK, QuotaItem


def limits(found: dict[str, int]) -> dict[str, int]:
    """Those that are in `found`, the others as Nova had them."""
    return {name: found.get(name, limit) for name, limit in NETWORK.items()}


def items(found: dict[str, QuotaItem]) -> dict[str, QuotaItem]:
    return {name: found.get(name, QuotaItem(limit=limit)) for name, limit in NETWORK.items()}


def show_limits(item: dict[str, Any], source: Any, request: Any) -> None:
    """`source`: with the limits of a class."""
    item.update(limits(source.limits))


def show_limits_of_project(item: dict[str, Any], source: Any, request: Any) -> None:
    """`source`: a QuotaSet."""
    item.update({name: each.limit for name, each in items(source.items).items()})


def show_numbers(item: dict[str, Any], source: Any, request: Any) -> None:
    item.update(msgspec.to_builtins(items(source.items)))


def show_absolute(item: dict[str, Any], source: Any, request: Any) -> None:
    """Limits and use as GET /limits has them."""
    found = items(source.items)
    item["absolute"] |= {
        "maxSecurityGroups": found["security_groups"].limit,
        "maxSecurityGroupRules": found["security_group_rules"].limit,
        "maxTotalFloatingIps": found["floating_ips"].limit,
        "totalFloatingIpsUsed": found["floating_ips"].in_use,
        "totalSecurityGroupsUsed": found["security_groups"].in_use,
    }
