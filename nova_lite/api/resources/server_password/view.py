# SPDX-License-Identifier: Apache-2.0
"""The password, as it is."""

from nova_lite.api.request import Request
from nova_lite.api.view import Item, Make, closed

SCHEMA = closed({"password": {"type": "string"}})


def _build(request: Request) -> Make:
    return lambda password: {"password": password}


PASSWORD = Item(key=None, shape="server.password", build=_build, of=SCHEMA)
