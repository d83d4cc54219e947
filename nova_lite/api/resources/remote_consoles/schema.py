# SPDX-License-Identifier: Apache-2.0
"""Bodies of the calls about consoles. Words of drivers that are no more are known, and refused
as types that cannot be had."""

from typing import Any, Final

from nova_lite.api import shapes

PROTOCOLS: Final = ("vnc", "spice", "rdp", "serial", "mks")
TYPES: Final = (
    *("novnc", "xvpvnc", "rdp-html5", "spice-html5", "serial", "webmks", "spice-direct"),
)

CREATE: Final = shapes.body(
    "remote_console",
    {
        "protocol": {"type": "string", "enum": list(PROTOCOLS)},
        "type": {"type": "string", "enum": list(TYPES)},
    },
    "protocol",
    "type",
)


def action(key: str, *types: str) -> dict[str, Any]:
    """Of the actions of before 2.6."""
    return shapes.body(key, {"type": {"type": "string", "enum": list(types)}}, "type")
