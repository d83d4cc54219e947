# SPDX-License-Identifier: Apache-2.0
"""Links to consoles as clients get them."""

from typing import Any, Final

from nova_lite.api.request import Request
from nova_lite.api.view import Item, Make, closed
from nova_lite.domain.console import ConsoleAccess

_TEXT: Final = {"type": "string"}


def _build(request: Request) -> Make:
    def make(access: ConsoleAccess) -> dict[str, Any]:
        return {"protocol": access.protocol, "type": str(access.kind), "url": access.url}

    return make


def _build_old(request: Request) -> Make:
    return lambda access: {"type": str(access.kind), "url": access.url}


REMOTE_CONSOLE: Final = Item(
    key="remote_console",
    shape="remote_console",
    build=_build,
    of=closed({"protocol": _TEXT, "type": _TEXT, "url": _TEXT}),
)
# Of the actions of before 2.6.
CONSOLE: Final = Item(
    key="console", shape="console", build=_build_old, of=closed({"type": _TEXT, "url": _TEXT})
)
