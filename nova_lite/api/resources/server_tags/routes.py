# SPDX-License-Identifier: Apache-2.0
"""The calls about tags of servers."""

from nova_lite.api.resources.server_tags import handlers, policy, schema, view
from nova_lite.api.resources.servers.target import load
from nova_lite.api.route import NO_BODY, NO_QUERY, Route
from nova_lite.api.view import EMPTY

_ALL = "/servers/{server_id}/tags"
_ONE = f"{_ALL}/{{id}}"

ROUTES = (
    Route(
        method="GET",
        path=_ALL,
        name="server_tags.list",
        handler=handlers.index,
        policy=policy.INDEX,
        query=NO_QUERY,
        target=load,
        view=view.TAGS,
        summary="List the tags of a server",
    ),
    Route(
        method="PUT",
        path=_ALL,
        name="server_tags.update_all",
        handler=handlers.update_all,
        policy=policy.UPDATE_ALL,
        body=schema.UPDATE_ALL,
        target=load,
        view=view.TAGS,
        summary="Replace the tags of a server",
    ),
    Route(
        method="DELETE",
        path=_ALL,
        name="server_tags.delete_all",
        handler=handlers.delete_all,
        policy=policy.DELETE_ALL,
        status=204,
        target=load,
        view=EMPTY,
        summary="Delete all tags of a server",
    ),
    Route(
        method="GET",
        path=_ONE,
        name="server_tags.show",
        handler=handlers.show,
        policy=policy.SHOW,
        query=NO_QUERY,
        status=204,
        target=load,
        view=EMPTY,
        summary="Ask whether a server has a tag",
    ),
    Route(
        method="PUT",
        path=_ONE,
        name="server_tags.update",
        handler=handlers.update,
        policy=policy.UPDATE,
        body=NO_BODY,
        status=204,
        also=(201,),
        target=load,
        view=EMPTY,
        summary="Add a tag to a server",
    ),
    Route(
        method="DELETE",
        path=_ONE,
        name="server_tags.delete",
        handler=handlers.delete,
        policy=policy.DELETE,
        status=204,
        target=load,
        view=EMPTY,
        summary="Delete a tag of a server",
    ),
)
