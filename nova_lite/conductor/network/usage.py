# SPDX-License-Identifier: Apache-2.0
"""What a project may have of the built-in network, and has."""

from typing import Any, Final

from nova_lite.conductor.network.change import limits
from nova_lite.db.api import network_rows
from nova_lite.db.engine import Tx
from nova_lite.domain.network import (
    FloatingIp,
    Network,
    Port,
    SecurityGroup,
    SecurityGroupRule,
    Subnet,
)
from nova_lite.domain.network_query import Resource
from nova_lite.domain.quota import UNLIMITED, QuotaItem

COUNTED: Final[dict[str, type[Resource]]] = {
    "network": Network,
    "subnet": Subnet,
    "port": Port,
    "floatingip": FloatingIp,
    "security_group": SecurityGroup,
    "security_group_rule": SecurityGroupRule,
}
# The words of the Compute API, up to 2.35.
_NAMES: Final = {
    "floating_ips": "floatingip",
    "security_groups": "security_group",
    "security_group_rules": "security_group_rule",
}


def of_project(tx: Tx, conf: Any, project_id: str) -> dict[str, QuotaItem]:
    """In the words of the Networking API."""
    return {
        name: QuotaItem(limit=limit, in_use=_used(tx, name, project_id))
        for name, limit in limits(conf).items()
    }


def _used(tx: Tx, name: str, project_id: str) -> int:
    kind = COUNTED.get(name)
    return network_rows.count(tx, kind, project_id=project_id) if kind is not None else 0


def for_compute(tx: Tx, conf: Any, project_id: str) -> dict[str, QuotaItem]:
    """In the words of the Compute API: every name of quota.NETWORK."""
    most = limits(conf)
    items = {
        name: QuotaItem(limit=most[ours], in_use=_used(tx, ours, project_id))
        for name, ours in _NAMES.items()
    }
    fixed = network_rows.count_addresses(tx, project_id)
    return {"fixed_ips": QuotaItem(limit=UNLIMITED, in_use=fixed), **items}


def limits_for_compute(conf: Any) -> dict[str, int]:
    """The limits alone; they are the same for all projects."""
    most = limits(conf)
    return {"fixed_ips": UNLIMITED, **{name: most[ours] for name, ours in _NAMES.items()}}
