# SPDX-License-Identifier: Apache-2.0
"""Servers say to which availability zone they are bound."""

from nova_lite.api.versions.change import Change, Drop, on
from nova_lite.api.versions.servers import WHOLE

CHANGE = Change(
    number=96,
    title="pinned_availability_zone",
    response=on(WHOLE, Drop("pinned_availability_zone")),
)
