# SPDX-License-Identifier: Apache-2.0
"""The calls about server groups."""

from nova_lite.api.resources.server_groups import handlers, policy, schema, view
from nova_lite.api.route import NO_QUERY, Route
from nova_lite.api.view import EMPTY

ROUTES = (
    Route(
        method="GET",
        path="/os-server-groups",
        name="server_groups.list",
        handler=handlers.index,
        policy=policy.INDEX,
        query=schema.LIST,
        view=view.GROUPS,
        summary="List server groups",
    ),
    Route(
        method="POST",
        path="/os-server-groups",
        name="server_groups.create",
        handler=handlers.create,
        policy=policy.CREATE,
        body=schema.CREATE,
        view=view.GROUP,
        summary="Create a server group",
    ),
    Route(
        method="GET",
        path="/os-server-groups/{id}",
        name="server_groups.show",
        handler=handlers.show,
        policy=policy.SHOW,
        query=NO_QUERY,
        target=handlers.find,
        view=view.GROUP,
        summary="Show a server group",
    ),
    Route(
        method="DELETE",
        path="/os-server-groups/{id}",
        name="server_groups.delete",
        handler=handlers.delete,
        policy=policy.DELETE,
        target=handlers.find,
        status=204,
        view=EMPTY,
        summary="Delete a server group; its servers stay",
    ),
)
