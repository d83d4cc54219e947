# SPDX-License-Identifier: Apache-2.0
"""Failed events of actions say more."""

from nova_lite.api.versions.change import Change, on
from nova_lite.api.versions.servers import inside

CHANGE = Change(
    number=84,
    title="`details` in failed action events",
    response=on(("action.detail",), inside("events", "details")),
)
