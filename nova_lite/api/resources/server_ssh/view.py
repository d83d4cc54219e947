# SPDX-License-Identifier: Apache-2.0
"""A way to an ssh server, as it is shown."""

from typing import Any, Final

from nova_lite.api.request import Request
from nova_lite.api.resources.servers import policy
from nova_lite.api.view import Item, Make, closed
from nova_lite.domain.ssh import SshAddress

_TEXT: Final = {"type": "string"}
SCHEMA: Final = closed(
    {"address": _TEXT, "port": {"type": "integer"}, "host": _TEXT}, optional=["host"]
)


def _build(request: Request) -> Make:
    names_hosts = request.allowed(policy.EXTENDED)

    def make(found: SshAddress) -> dict[str, Any]:
        item: dict[str, Any] = {"address": found.address, "port": found.port}
        return {**item, "host": found.host} if names_hosts else item

    return make


SSH = Item(key="ssh", shape="server.ssh", build=_build, of=SCHEMA)
