# SPDX-License-Identifier: Apache-2.0
"""What is asked of a new interface, at the newest microversion."""

from typing import Final

from nova_lite.api import shapes
from nova_lite.api.resources.servers.schema import DEVICE_TAG, IP_ADDRESS

FIXED_IPS: Final = {
    "type": "array",
    "minItems": 1,
    "maxItems": 1,
    "items": shapes.closed({"ip_address": IP_ADDRESS}, "ip_address"),
}
CREATE: Final = shapes.body(
    "interfaceAttachment",
    {
        "net_id": shapes.UUID,
        "port_id": shapes.UUID,
        "fixed_ips": FIXED_IPS,
        "tag": DEVICE_TAG,
    },
)
