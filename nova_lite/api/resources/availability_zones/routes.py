# SPDX-License-Identifier: Apache-2.0
"""The calls about availability zones."""

from nova_lite.api.resources.availability_zones import handlers, policy, schema, view
from nova_lite.api.route import Route

ROUTES = (
    Route(
        method="GET",
        path="/os-availability-zone",
        name="availability_zones.list",
        handler=handlers.index,
        policy=policy.LIST,
        query=schema.LIST,
        view=view.ZONES,
        summary="List availability zones",
    ),
    Route(
        method="GET",
        path="/os-availability-zone/detail",
        name="availability_zones.detail",
        handler=handlers.detail,
        policy=policy.DETAIL,
        query=schema.LIST,
        view=view.DETAILS,
        summary="List availability zones with hosts and services",
    ),
)
