# SPDX-License-Identifier: Apache-2.0
"""What requests about tags look like, at the newest microversion."""

from typing import Final

from nova_lite.api.resources.servers.schema import DEVICE_TAG

UPDATE_ALL: Final = {
    "type": "object",
    "properties": {"tags": {"type": "array", "items": DEVICE_TAG, "maxItems": 50}},
    "required": ["tags"],
    "additionalProperties": False,
}
