# SPDX-License-Identifier: Apache-2.0
"""The call for a link to a console; the older ones are actions."""

from nova_lite.api.resources.remote_consoles import handlers, policy, schema, view
from nova_lite.api.resources.servers.target import load
from nova_lite.api.route import Route

ROUTES = (
    Route(
        method="POST",
        path="/servers/{server_id}/remote-consoles",
        name="remote_consoles.create",
        handler=handlers.create,
        policy=policy.CREATE,
        body=schema.CREATE,
        target=load,
        view=view.REMOTE_CONSOLE,
        summary="Get a link to the console of a server",
    ),
)
