# SPDX-License-Identifier: Apache-2.0
"""The calls about the password of a server."""

from nova_lite.api.resources.server_password import handlers, policy, view
from nova_lite.api.resources.servers.target import load
from nova_lite.api.route import NO_QUERY, Route
from nova_lite.api.view import EMPTY

_PATH = "/servers/{server_id}/os-server-password"

ROUTES = (
    Route(
        method="GET",
        path=_PATH,
        name="server_password.show",
        handler=handlers.show,
        policy=policy.SHOW,
        query=NO_QUERY,
        target=load,
        view=view.PASSWORD,
        summary="Show the encrypted password of a server",
    ),
    Route(
        method="DELETE",
        path=_PATH,
        name="server_password.clear",
        handler=handlers.clear,
        policy=policy.CLEAR,
        status=204,
        target=load,
        view=EMPTY,
        summary="Forget the encrypted password of a server",
    ),
)
