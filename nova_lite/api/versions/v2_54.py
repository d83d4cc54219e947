# SPDX-License-Identifier: Apache-2.0
"""A rebuilt server can be given another key, or none."""

from nova_lite.api.versions.change import Change, Drop, on, without
from nova_lite.api.versions.servers import REBUILT

CHANGE = Change(
    number=54,
    title="Rebuild accepts key_name (or null)",
    body={"servers.action.rebuild": without("rebuild", "key_name")},
    response=on((REBUILT,), Drop("key_name")),
)
