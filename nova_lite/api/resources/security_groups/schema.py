# SPDX-License-Identifier: Apache-2.0
"""What requests about security groups looked like."""

from typing import Any, Final

from nova_lite.api import shapes

_TEXT: Final = {"type": "string", "maxLength": 255}
_NAME: Final = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"\S"}
_PORT: Final[dict[str, Any]] = {
    "type": ["integer", "string", "null"],
    "pattern": "^(-?[0-9]+)?$",
    "minimum": -1,
    "maximum": 65535,
}
_MAYBE: Final = {"type": ["string", "null"], "maxLength": 255}

LIST: Final = shapes.query(
    limit=shapes.LIMIT, offset=shapes.many(shapes.COUNT), all_tenants=shapes.many(shapes.TEXT)
)
GROUP: Final = shapes.body(
    "security_group", {"name": _NAME, "description": _TEXT}, "name", "description"
)
RULE: Final = shapes.body(
    "security_group_rule",
    {
        "parent_group_id": {"type": ["string", "integer"]},
        "group_id": _MAYBE,
        "from_port": _PORT,
        "to_port": _PORT,
        "ip_protocol": _MAYBE,
        "cidr": _MAYBE,
    },
    "parent_group_id",
)
