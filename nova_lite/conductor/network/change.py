# SPDX-License-Identifier: Apache-2.0
"""A change of the built-in network under way: its transaction, who asks, and what it touches."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa

from nova_lite.base.context import RequestContext
from nova_lite.db.api import network_rows
from nova_lite.db.engine import Tx
from nova_lite.domain.errors_network import NetworkConflict, NetworkForbidden, NetworkInvalid
from nova_lite.domain.network import (
    FloatingIp,
    Network,
    Port,
    SecurityGroup,
    SecurityGroupRule,
    Subnet,
)
from nova_lite.domain.network_query import NetworkKind, Resource

R = TypeVar("R", Network, Subnet, Port, FloatingIp, SecurityGroup, SecurityGroupRule)

Values = Mapping[str, Any]


@dataclass
class Change:
    """`networks`: those whose hosts have to look again; `servers`: those that now have other
    addresses or groups than they were told of. Both are filled on the way."""

    tx: Tx
    context: RequestContext
    conf: Any
    networks: set[str] = field(default_factory=set)
    servers: set[str] = field(default_factory=set)

    # --- seeing -------------------------------------------------------------------------------

    def sight(self, kind: type[Resource]) -> list[sa.ColumnElement[bool]]:
        """Conditions under which the one who asks sees a resource."""
        if self.context.is_admin:
            return []
        return [network_rows.visible(kind, self.context.project_id or "")]

    def seen(self, kind: type[R], resource_id: str) -> R:
        """Raises NetworkResourceNotFound."""
        return network_rows.get(self.tx, kind, resource_id, *self.sight(kind))

    def own(self, kind: type[R], what: NetworkKind, resource_id: str) -> R:
        """One that may be changed. Raises NetworkForbidden for what is only shared."""
        found = self.seen(kind, resource_id)
        if not self.context.is_admin and found.project_id != self.context.project_id:
            raise NetworkForbidden(what, resource_id)
        return found

    def project(self, values: Values) -> str:
        """Whose a new resource is."""
        return str(values.get("project_id") or self.context.project_id or "")

    # --- limits -------------------------------------------------------------------------------

    def limits(self) -> dict[str, int]:
        """name -> how many a project may have; -1: any number."""
        return limits(self.conf)

    def check_quota(self, name: str, kind: type[Resource], project_id: str) -> None:
        """Called before one is added. Raises NetworkConflict."""
        limit = self.limits()[name]
        if limit >= 0 and network_rows.count(self.tx, kind, project_id=project_id) >= limit:
            raise NetworkConflict(
                "OverQuota", f"Quota exceeded for resources: ['{name}'].", resource=name
            )


QUOTA = {
    "network": 100,
    "subnet": 100,
    "port": 500,
    "router": 0,
    "floatingip": 50,
    "security_group": 10,
    "security_group_rule": 100,
}


def limits(conf: Any) -> dict[str, int]:
    """The limits of a project: ours, and what `[network] quotas` says."""
    return {**QUOTA, **conf.network.quotas}


def check_names(values: Values, known: frozenset[str], what: str) -> None:
    """Only what may be said at this place."""
    wrong = sorted(set(values) - known)
    if wrong:
        raise NetworkInvalid(f"{what} cannot be given {', '.join(wrong)}.")


def make(kind: type[R], values: Values) -> R:
    """A resource from plain values."""
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        raise NetworkInvalid(f"Invalid input: {error}") from None


def altered(old: R, values: Values) -> R:
    """`old` with some fields replaced by plain values."""
    return make(type(old), {**msgspec.to_builtins(old), **values})
