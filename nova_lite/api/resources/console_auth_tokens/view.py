# SPDX-License-Identifier: Apache-2.0
"""Tokens of consoles as the newest microversion shows them."""

from typing import Any, Final

from nova_lite.api.request import Request
from nova_lite.api.view import Item, Make, closed
from nova_lite.domain.console import ConsoleConnection

_PORT: Final = {"type": ["integer", "null"]}


def _build(request: Request) -> Make:
    def make(found: ConsoleConnection) -> dict[str, Any]:
        return {
            "instance_uuid": found.instance_uuid,
            "host": found.address.host,
            "port": found.address.port,
            "tls_port": found.address.tls_port,
            "internal_access_path": found.address.path,
        }

    return make


TOKEN: Final = Item(
    key="console",
    shape="console_token",
    build=_build,
    of=closed(
        {
            "instance_uuid": {"type": "string"},
            "host": {"type": "string"},
            "port": _PORT,
            "tls_port": _PORT,
            "internal_access_path": {"type": ["string", "null"]},
        }
    ),
)
