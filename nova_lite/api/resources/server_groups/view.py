# SPDX-License-Identifier: Apache-2.0
"""Server groups as the newest microversion shows them."""

from typing import Any

from nova_lite.api.request import Request
from nova_lite.api.resources.server_groups.schema import POLICIES
from nova_lite.api.view import Collection, Item, Make, closed
from nova_lite.domain.group import ServerGroup

_TEXT = {"type": "string"}
SCHEMA = closed(
    {
        "id": {"type": "string", "format": "uuid"},
        "name": _TEXT,
        "policy": {"type": "string", "enum": POLICIES},
        "rules": {
            "type": "object",
            "properties": {"max_server_per_host": {"type": "integer"}},
            "additionalProperties": False,
        },
        "members": {"type": "array", "items": {"type": "string", "format": "uuid"}},
        "project_id": _TEXT,
        "user_id": _TEXT,
    }
)


def _build(request: Request) -> Make:
    def make(group: ServerGroup) -> dict[str, Any]:
        return {
            "id": group.uuid,
            "name": group.name,
            "policy": group.policy.value,
            "rules": group.rules,
            "members": group.members,
            "project_id": group.project_id,
            "user_id": group.user_id,
        }

    return make


GROUPS = Collection(key="server_groups", shape="server_group", build=_build, of=SCHEMA)
GROUP = Item(key="server_group", shape="server_group", build=_build, of=SCHEMA)
