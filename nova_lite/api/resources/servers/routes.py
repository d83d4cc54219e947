# SPDX-License-Identifier: Apache-2.0
"""The calls about servers. Their actions are rows of nova_lite/api/actions/table.py."""

from nova_lite.api.resources.servers import (
    create,
    explain_view,
    handlers,
    policy,
    schema,
    target,
    view,
)
from nova_lite.api.route import NO_QUERY, Route
from nova_lite.api.view import EMPTY
from nova_lite.domain import errors

ROUTES = (
    Route(
        method="GET",
        path="/servers",
        name="servers.list",
        handler=handlers.index,
        policy=policy.INDEX,
        query=schema.LIST,
        view=view.SUMMARIES,
        summary="List servers",
    ),
    Route(
        method="GET",
        path="/servers/detail",
        name="servers.detail",
        handler=handlers.detail,
        policy=policy.DETAIL,
        query=schema.LIST,
        view=view.DETAILS,
        summary="List servers with details",
    ),
    Route(
        method="POST",
        path="/servers",
        name="servers.create",
        handler=create.create,
        policy=policy.CREATE,
        body=schema.CREATE,
        view=create.CREATED,
        status=202,
        # What the body names and is not there makes the body wrong.
        errors={errors.NotFound: 400, errors.NetworkAmbiguous: 409, errors.PortInUse: 409},
        summary="Create one or more servers",
    ),
    Route(
        method="GET",
        path="/servers/{id}",
        name="servers.show",
        handler=handlers.show,
        policy=policy.SHOW,
        query=NO_QUERY,
        view=view.SHOW,
        target=target.load,
        summary="Show a server",
    ),
    Route(
        method="PUT",
        path="/servers/{id}",
        name="servers.update",
        handler=handlers.update,
        policy=policy.UPDATE,
        body=schema.UPDATE,
        view=view.UPDATED,
        target=target.load,
        summary="Change name, description, host name and the like",
    ),
    Route(
        method="DELETE",
        path="/servers/{id}",
        name="servers.delete",
        handler=handlers.delete,
        policy=policy.DELETE,
        view=EMPTY,
        status=204,
        target=target.load,
        summary="Delete a server",
    ),
    Route(
        method="GET",
        path="/servers/{server_id}/explain",
        name="servers.explain",
        handler=handlers.explain,
        policy=policy.EXPLAIN,
        query=NO_QUERY,
        view=explain_view.EXPLANATION,
        target=target.load,
        summary="Why no host was good enough (an addition of nova_lite)",
    ),
)
