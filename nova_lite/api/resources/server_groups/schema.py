# SPDX-License-Identifier: Apache-2.0
"""What requests about server groups look like, at the newest microversion."""

from nova_lite.api import shapes
from nova_lite.domain.group import GroupPolicy

POLICIES = [policy.value for policy in GroupPolicy]

LIST = shapes.query(
    all_projects=shapes.many(shapes.TEXT), limit=shapes.LIMIT, offset=shapes.many(shapes.COUNT)
)
CREATE = shapes.body(
    "server_group",
    {
        "name": shapes.NAME,
        "policy": {"type": "string", "enum": POLICIES},
        "rules": shapes.closed({"max_server_per_host": shapes.POSITIVE}),
    },
    "name",
    "policy",
)
