# SPDX-License-Identifier: Apache-2.0
"""Events of actions say where they were, as far as the caller may know."""

from nova_lite.api.versions.change import Change, on
from nova_lite.api.versions.servers import inside

CHANGE = Change(
    number=62,
    title="Action events gain `host` (admin) and `hostId`",
    response=on(("action.detail",), inside("events", "host", "hostId")),
)
