# SPDX-License-Identifier: Apache-2.0
"""Bodies of the actions about security groups."""

from typing import Any, Final

from nova_lite.api import shapes


def _named(key: str) -> dict[str, Any]:
    return dict(shapes.body(key, {"name": {"type": "string", "minLength": 1}}, "name"))


ADD: Final = _named("addSecurityGroup")
REMOVE: Final = _named("removeSecurityGroup")
