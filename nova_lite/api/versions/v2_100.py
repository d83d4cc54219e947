# SPDX-License-Identifier: Apache-2.0
"""Servers show the hints that they were scheduled by."""

from nova_lite.api.versions.change import Change, Drop, on
from nova_lite.api.versions.servers import WHOLE

CHANGE = Change(
    number=100,
    title="scheduler_hints in server views",
    response=on(WHOLE, Drop("scheduler_hints")),
)
