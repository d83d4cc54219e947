# SPDX-License-Identifier: Apache-2.0
"""Security groups as the Compute API shows them: rules for what comes in alone."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from nova_lite.api.request import Request
from nova_lite.api.view import Item, Make, closed
from nova_lite.domain.network import Direction, SecurityGroup, SecurityGroupRule

TEXT: Final = {"type": "string"}
_MAYBE_TEXT: Final = {"type": ["string", "null"]}
_NUMBER: Final = {"type": ["integer", "null"]}
ALL_PORTS: Final = (1, 65535)
NONE: Final = (-1, -1)
ANYWHERE: Final = {4: "0.0.0.0/0", 6: "::/0"}

RULE: Final = closed(
    {
        "id": TEXT,
        "parent_group_id": TEXT,
        "ip_protocol": _MAYBE_TEXT,
        "from_port": _NUMBER,
        "to_port": _NUMBER,
        "group": closed({"name": TEXT, "tenant_id": TEXT}, optional=("name", "tenant_id")),
        "ip_range": closed({"cidr": TEXT}, optional=("cidr",)),
    }
)
GROUP: Final = closed(
    {
        "id": TEXT,
        "name": TEXT,
        "description": _MAYBE_TEXT,
        "tenant_id": TEXT,
        "rules": {"type": "array", "items": RULE},
    }
)
SCHEMA: Final = closed({"security_groups": {"type": "array", "items": GROUP}})


class Groups(NamedTuple):
    """`known`: groups that rules name, by id."""

    groups: Sequence[SecurityGroup]
    known: Mapping[str, SecurityGroup]


def group(made: SecurityGroup, known: Mapping[str, SecurityGroup]) -> dict[str, Any]:
    return {
        "id": made.id,
        "name": made.name,
        "description": made.description,
        "tenant_id": made.project_id,
        "rules": [rule(each, known) for each in made.rules if each.direction is Direction.INGRESS],
    }


def rule(made: SecurityGroupRule, known: Mapping[str, SecurityGroup]) -> dict[str, Any]:
    low, high = made.port_min, made.port_max
    if made.protocol is not None and low is None and high is None:
        low, high = ALL_PORTS if made.protocol in ("tcp", "udp") else NONE
    remote = known.get(made.remote_group or "")
    return {
        "id": made.id,
        "parent_group_id": made.group_id,
        "ip_protocol": made.protocol,
        "from_port": low,
        "to_port": high,
        "group": {"name": remote.name, "tenant_id": remote.project_id} if remote else {},
        "ip_range": {}
        if made.remote_group
        else {"cidr": made.remote_cidr or ANYWHERE[made.version]},
    }


def _build(request: Request) -> Make:
    return lambda found: {"security_groups": [group(each, found.known) for each in found.groups]}


GROUPS: Final = Item(key=None, shape="server.security_groups", build=_build, of=SCHEMA)
