# SPDX-License-Identifier: Apache-2.0
"""The calls about flavors."""

from nova_lite.api.resources.flavors import handlers, schema, view
from nova_lite.api.route import ANYONE, NO_QUERY, Route

ROUTES = (
    Route(
        method="GET",
        path="/flavors",
        name="flavors.list",
        handler=handlers.index,
        policy=ANYONE,
        query=schema.LIST,
        view=view.SUMMARIES,
        summary="List flavors",
    ),
    Route(
        method="GET",
        path="/flavors/detail",
        name="flavors.detail",
        handler=handlers.index,
        policy=ANYONE,
        query=schema.LIST,
        view=view.DETAILS,
        summary="List flavors with details",
    ),
    Route(
        method="GET",
        path="/flavors/{id}",
        name="flavors.show",
        handler=handlers.show,
        policy=ANYONE,
        query=NO_QUERY,
        view=view.DETAIL,
        summary="Show a flavor",
    ),
)
