# SPDX-License-Identifier: Apache-2.0
"""Tags, as they are."""

from nova_lite.api.request import Request
from nova_lite.api.view import Item, Make, closed

SCHEMA = closed({"tags": {"type": "array", "items": {"type": "string"}}})


def _build(request: Request) -> Make:
    return lambda tags: {"tags": tags}


TAGS = Item(key=None, shape="server.tags", build=_build, of=SCHEMA)
