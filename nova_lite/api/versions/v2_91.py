# SPDX-License-Identifier: Apache-2.0
"""A server can be unshelved to a host, and be pinned to a zone or to none by that."""

from nova_lite.api import shapes
from nova_lite.api.versions.change import Change, replaced

CHANGE = Change(
    number=91,
    title="unshelve to host; pin or unpin AZ",
    body={
        "servers.action.unshelve": replaced(
            "",
            unshelve={
                "type": ["object", "null"],
                "properties": {"availability_zone": shapes.ZONE_NAME},
                "required": ["availability_zone"],
                "additionalProperties": False,
            },
        )
    },
)
