# SPDX-License-Identifier: Apache-2.0
"""What requests about host aggregates look like, at the newest microversion."""

from typing import Final

from nova_lite.api import shapes
from nova_lite.api.route import NO_QUERY
from nova_lite.domain.aggregate import ZONE_KEY

LIST = NO_QUERY
SHOW = NO_QUERY

_ZONE_OR_NULL: Final = {**shapes.ZONE_NAME, "type": ["string", "null"]}
CREATE: Final = shapes.body(
    "aggregate", {"name": shapes.NAME, "availability_zone": _ZONE_OR_NULL}, "name"
)
UPDATE: Final = shapes.body(
    "aggregate", {"name": shapes.NAME, "availability_zone": _ZONE_OR_NULL}, minProperties=1
)
UPDATE["properties"]["aggregate"]["minProperties"] = 1
ADD_HOST: Final = shapes.body("add_host", {"host": shapes.HOST_NAME}, "host")
REMOVE_HOST: Final = shapes.body("remove_host", {"host": shapes.HOST_NAME}, "host")
SET_METADATA: Final = shapes.body(
    "set_metadata",
    {
        "metadata": {
            "type": "object",
            "properties": {ZONE_KEY: _ZONE_OR_NULL},
            "patternProperties": {
                r"^[a-zA-Z0-9-_:. ]{1,255}$": {"type": ["string", "null"], "maxLength": 255}
            },
            "additionalProperties": False,
        }
    },
    "metadata",
)
IMAGES: Final = shapes.closed(
    {
        "cache": {
            "type": "array",
            "minItems": 1,
            "uniqueItems": True,
            "items": shapes.closed({"id": shapes.UUID}, "id"),
        }
    },
    "cache",
)
