# SPDX-License-Identifier: Apache-2.0
"""The calls about actions of servers."""

from nova_lite.api.resources.instance_actions import handlers, policy, schema, view
from nova_lite.api.route import NO_QUERY, Route

# No target is loaded: the actions of a deleted server can be read, the server cannot. The
# conductor finds those of the caller's project only.
ROUTES = (
    Route(
        method="GET",
        path="/servers/{server_id}/os-instance-actions",
        name="actions.list",
        handler=handlers.index,
        policy=policy.LIST,
        query=schema.LIST,
        view=view.SUMMARIES,
        summary="List the actions of a server",
    ),
    Route(
        method="GET",
        path="/servers/{server_id}/os-instance-actions/{id}",
        name="actions.show",
        handler=handlers.show,
        policy=policy.SHOW,
        query=NO_QUERY,
        view=view.DETAIL,
        summary="Show an action of a server, by request id",
    ),
)
