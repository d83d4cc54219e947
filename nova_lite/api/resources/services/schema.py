# SPDX-License-Identifier: Apache-2.0
"""What requests about services look like, at the newest microversion."""

from nova_lite.api import shapes

LIST = shapes.query(host=shapes.many(shapes.TEXT), binary=shapes.many(shapes.TEXT))
REASON = {"type": "string", "minLength": 1, "maxLength": 255}
UPDATE = shapes.closed(
    {
        "status": {"type": "string", "enum": ["enabled", "disabled"]},
        "disabled_reason": REASON,
        "forced_down": shapes.BOOLEAN,
    }
)
