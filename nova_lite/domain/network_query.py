# SPDX-License-Identifier: Apache-2.0
"""Asking for the resources of the built-in network, and naming their kinds."""

import enum
from typing import Final

import msgspec

from nova_lite.domain.network import (
    FloatingIp,
    Network,
    Port,
    SecurityGroup,
    SecurityGroupRule,
    Subnet,
)


class NetworkKind(enum.StrEnum):
    NETWORK = "network"
    SUBNET = "subnet"
    PORT = "port"
    FLOATING_IP = "floating_ip"
    SECURITY_GROUP = "security_group"
    SECURITY_GROUP_RULE = "security_group_rule"


Resource = Network | Subnet | Port | FloatingIp | SecurityGroup | SecurityGroupRule

# What a resource of each kind is; the JSON text of the calls is of these.
STRUCTS: Final[dict[NetworkKind, type[Resource]]] = {
    NetworkKind.NETWORK: Network,
    NetworkKind.SUBNET: Subnet,
    NetworkKind.PORT: Port,
    NetworkKind.FLOATING_IP: FloatingIp,
    NetworkKind.SECURITY_GROUP: SecurityGroup,
    NetworkKind.SECURITY_GROUP_RULE: SecurityGroupRule,
}


class NetworkQuery(msgspec.Struct, frozen=True, kw_only=True):
    """`filters`: field of the resource -> the values it may have, as text (true and false for
    flags, '' for None); a list matches when it holds one of them. Ports know `address` and
    `subnet_id` too, of any of their addresses. `sort`: (field, descending). `limit` None: all;
    `marker`: the id of the last one of the page before."""

    kind: NetworkKind
    filters: dict[str, list[str]] = {}
    sort: list[tuple[str, bool]] = []
    limit: int | None = None
    marker: str | None = None
