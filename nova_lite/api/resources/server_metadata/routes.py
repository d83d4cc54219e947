# SPDX-License-Identifier: Apache-2.0
"""The calls about the metadata of servers."""

from nova_lite.api.resources.server_metadata import handlers, policy, schema, view
from nova_lite.api.resources.servers.target import load
from nova_lite.api.route import NO_QUERY, Route
from nova_lite.api.view import EMPTY

_ALL = "/servers/{server_id}/metadata"
_ONE = f"{_ALL}/{{id}}"

ROUTES = (
    Route(
        method="GET",
        path=_ALL,
        name="server_metadata.list",
        handler=handlers.index,
        policy=policy.INDEX,
        query=NO_QUERY,
        target=load,
        view=view.METADATA,
        summary="List the metadata of a server",
    ),
    Route(
        method="POST",
        path=_ALL,
        name="server_metadata.create",
        handler=handlers.create,
        policy=policy.CREATE,
        body=schema.ALL,
        target=load,
        view=view.METADATA,
        summary="Add metadata to a server",
    ),
    Route(
        method="PUT",
        path=_ALL,
        name="server_metadata.update_all",
        handler=handlers.update_all,
        policy=policy.UPDATE_ALL,
        body=schema.ALL,
        target=load,
        view=view.METADATA,
        summary="Replace the metadata of a server",
    ),
    Route(
        method="GET",
        path=_ONE,
        name="server_metadata.show",
        handler=handlers.show,
        policy=policy.SHOW,
        query=NO_QUERY,
        target=load,
        view=view.META,
        summary="Show one item of the metadata of a server",
    ),
    Route(
        method="PUT",
        path=_ONE,
        name="server_metadata.update",
        handler=handlers.update,
        policy=policy.UPDATE,
        body=schema.ONE,
        target=load,
        view=view.META,
        summary="Change one item of the metadata of a server",
    ),
    Route(
        method="DELETE",
        path=_ONE,
        name="server_metadata.delete",
        handler=handlers.delete,
        policy=policy.DELETE,
        status=204,
        target=load,
        view=EMPTY,
        summary="Delete one item of the metadata of a server",
    ),
)
