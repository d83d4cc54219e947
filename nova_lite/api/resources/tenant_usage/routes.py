# SPDX-License-Identifier: Apache-2.0
"""The calls about usage."""

from nova_lite.api.resources.tenant_usage import handlers, policy, schema, view
from nova_lite.api.route import Route

ROUTES = (
    Route(
        method="GET",
        path="/os-simple-tenant-usage",
        name="tenant_usage.list",
        handler=handlers.index,
        policy=policy.LIST,
        query=schema.LIST,
        view=view.USAGES,
        summary="Show what all projects used",
    ),
    Route(
        method="GET",
        path="/os-simple-tenant-usage/{id}",
        name="tenant_usage.show",
        handler=handlers.show,
        policy=policy.SHOW,
        query=schema.SHOW,
        target=handlers.project,
        view=view.USAGE,
        summary="Show what a project used",
    ),
)
