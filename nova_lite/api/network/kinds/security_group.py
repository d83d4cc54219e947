# SPDX-License-Identifier: Apache-2.0
"""Security groups."""

from typing import Any, Final

from nova_lite.api.network import readers
from nova_lite.api.network.attribute import (
    CREATED,
    DESCRIPTION,
    ID,
    PROJECT,
    REVISION,
    UPDATED,
    Attribute,
    Kind,
)
from nova_lite.api.network.kinds.security_group_rule import show
from nova_lite.domain.network import SecurityGroup
from nova_lite.domain.network_query import NetworkKind


def _rules(group: SecurityGroup) -> list[dict[str, Any]]:
    return [show(rule) for rule in group.rules]


SECURITY_GROUP: Final = Kind(
    kind=NetworkKind.SECURITY_GROUP,
    one="security_group",
    many="security_groups",
    path="security-groups",
    words="security group",
    attributes=(
        ID,
        PROJECT,
        DESCRIPTION,
        CREATED,
        UPDATED,
        REVISION,
        Attribute(name="name", field="name", read=readers.text(255, least=1), required=True),
        Attribute(name="security_group_rules", field="rules", show=_rules, match=None),
    ),
    # hosts keep the state of every connection
    fixed={"stateful": True, "shared": False, "tags": []},
)
