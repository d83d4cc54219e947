# SPDX-License-Identifier: Apache-2.0
"""What requests and answers about floating addresses looked like."""

from typing import Any, Final

from nova_lite.api import shapes
from nova_lite.api.view import closed

_TEXT: Final = {"type": "string"}
_MAYBE: Final = {"type": ["string", "null"]}
_ADDRESS: Final = {"type": "string", "anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]}

# The pool may be left out, where there is but one.
CREATE: Final[dict[str, Any]] = {
    "type": ["object", "null"],
    "properties": {"pool": {"type": ["string", "null"]}},
}
ADD: Final = shapes.body(
    "addFloatingIp", {"address": _ADDRESS, "fixed_address": _ADDRESS}, "address"
)
REMOVE: Final = shapes.body("removeFloatingIp", {"address": _ADDRESS}, "address")

FLOATING_IP: Final = closed(
    {"id": _TEXT, "ip": _TEXT, "pool": _MAYBE, "fixed_ip": _MAYBE, "instance_id": _MAYBE}
)
POOL: Final = closed({"name": _TEXT})
