# SPDX-License-Identifier: Apache-2.0
"""The calls about host aggregates."""

from nova_lite.api.resources.aggregates import handlers, policy, schema, view
from nova_lite.api.route import Route

ROUTES = (
    Route(
        method="GET",
        path="/os-aggregates",
        name="aggregates.list",
        handler=handlers.index,
        policy=policy.INDEX,
        query=schema.LIST,
        view=view.AGGREGATES,
        summary="List host aggregates",
    ),
    Route(
        method="GET",
        path="/os-aggregates/{id}",
        name="aggregates.show",
        handler=handlers.show,
        policy=policy.SHOW,
        query=schema.SHOW,
        view=view.AGGREGATE,
        summary="Show a host aggregate",
    ),
)
