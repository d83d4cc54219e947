# SPDX-License-Identifier: Apache-2.0
"""Servers get a description."""

from nova_lite.api.versions.change import Change, Drop, on, without
from nova_lite.api.versions.servers import WHOLE

CHANGE = Change(
    number=19,
    title="Server description in create, update, rebuild, show",
    body={
        "servers.create": without("server", "description"),
        "servers.update": without("server", "description"),
        "servers.action.rebuild": without("rebuild", "description"),
    },
    response=on(WHOLE, Drop("description")),
)
