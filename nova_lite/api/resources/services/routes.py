# SPDX-License-Identifier: Apache-2.0
"""The calls about services."""

from nova_lite.api.resources.services import handlers, policy, schema, view
from nova_lite.api.route import Route
from nova_lite.api.view import EMPTY

ROUTES = (
    Route(
        method="GET",
        path="/os-services",
        name="services.list",
        handler=handlers.index,
        policy=policy.LIST,
        query=schema.LIST,
        view=view.SERVICES,
        summary="List services",
    ),
    Route(
        method="PUT",
        path="/os-services/{id}",
        name="services.update",
        handler=handlers.update,
        policy=policy.UPDATE,
        body=schema.UPDATE,
        view=view.UPDATED,
        summary="Enable, disable or force down a compute service",
    ),
    Route(
        method="DELETE",
        path="/os-services/{id}",
        name="services.delete",
        handler=handlers.delete,
        policy=policy.DELETE,
        status=204,
        view=EMPTY,
        summary="Forget a service whose host is gone",
    ),
)
