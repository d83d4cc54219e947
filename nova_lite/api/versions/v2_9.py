# SPDX-License-Identifier: Apache-2.0
"""Servers say whether they are locked."""

from nova_lite.api.versions.change import Change, Drop, on
from nova_lite.api.versions.servers import WHOLE

CHANGE = Change(
    number=9,
    title="`locked` in server show, detail, update, rebuild",
    response=on(WHOLE, Drop("locked")),
)
