# SPDX-License-Identifier: Apache-2.0
"""The calls about networks; they ended with 2.36."""

from nova_lite.api.resources.networks import handlers, policy, view
from nova_lite.api.route import NO_QUERY, Route

ROUTES = (
    Route(
        method="GET",
        path="/os-networks",
        name="networks.list",
        handler=handlers.index,
        policy=policy.LIST,
        query=NO_QUERY,
        view=view.NETWORKS,
        summary="List networks",
    ),
    Route(
        method="GET",
        path="/os-networks/{id}",
        name="networks.show",
        handler=handlers.show,
        policy=policy.SHOW,
        query=NO_QUERY,
        view=view.NETWORK,
        summary="Show a network",
    ),
    Route(
        method="GET",
        path="/os-tenant-networks",
        name="tenant_networks.list",
        handler=handlers.tenant_index,
        policy=policy.TENANT_LIST,
        query=NO_QUERY,
        view=view.TENANT_NETWORKS,
        summary="List the networks of a project",
    ),
    Route(
        method="GET",
        path="/os-tenant-networks/{id}",
        name="tenant_networks.show",
        handler=handlers.tenant_show,
        policy=policy.TENANT_SHOW,
        query=NO_QUERY,
        view=view.TENANT_NETWORK,
        summary="Show a network of a project",
    ),
)
