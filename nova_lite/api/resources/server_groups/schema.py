# SPDX-License-Identifier: Apache-2.0
"""What requests about server groups look like, at the newest microversion."""

from nova_lite.api import shapes
from nova_lite.domain.group import GroupPolicy

HARD = [GroupPolicy.ANTI_AFFINITY.value, GroupPolicy.AFFINITY.value]
ALL = [*HARD, GroupPolicy.SOFT_ANTI_AFFINITY.value, GroupPolicy.SOFT_AFFINITY.value]

LIST = shapes.query(
    all_projects=shapes.many(shapes.TEXT), limit=shapes.LIMIT, offset=shapes.many(shapes.COUNT)
)
CREATE = shapes.body(
    "server_group",
    {
        "name": shapes.NAME,
        "policy": {"type": "string", "enum": ALL},
        "rules": shapes.closed({"max_server_per_host": shapes.POSITIVE}),
    },
    "name",
    "policy",
)


def policies(words: list[str]) -> shapes.JsonSchema:
    """How the policy was given before 2.64: a list with one word."""
    return {
        "type": "array",
        "items": {"type": "string", "enum": words},
        "minItems": 1,
        "maxItems": 1,
        "uniqueItems": True,
    }
