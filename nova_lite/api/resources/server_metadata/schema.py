# SPDX-License-Identifier: Apache-2.0
"""What requests about metadata look like, at the newest microversion."""

from typing import Final

from nova_lite.api import shapes


def _wrapped(key: str, schema: shapes.JsonSchema) -> shapes.JsonSchema:
    return {
        "type": "object",
        "properties": {key: schema},
        "required": [key],
        "additionalProperties": False,
    }


ALL: Final = _wrapped("metadata", shapes.METADATA)
ONE: Final = _wrapped("meta", {**shapes.METADATA, "minProperties": 1, "maxProperties": 1})
