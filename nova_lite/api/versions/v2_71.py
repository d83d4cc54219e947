# SPDX-License-Identifier: Apache-2.0
"""A server says which server groups it is in."""

from nova_lite.api.versions.change import Change, Drop, on
from nova_lite.api.versions.servers import REBUILT, SHOW, UPDATE

CHANGE = Change(
    number=71,
    title="`server_groups` in show, update, rebuild",
    response=on((SHOW, UPDATE, REBUILT), Drop("server_groups")),
)
