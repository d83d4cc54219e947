# SPDX-License-Identifier: Apache-2.0
"""The call about ssh."""

from nova_lite.api.resources.server_ssh import handlers, policy, view
from nova_lite.api.resources.servers.target import load
from nova_lite.api.route import NO_QUERY, Route

ROUTES = (
    Route(
        method="GET",
        path="/servers/{server_id}/ssh",
        name="server_ssh.show",
        handler=handlers.show,
        policy=policy.SHOW,
        query=NO_QUERY,
        target=load,
        view=view.SSH,
        summary="Show where the ssh server of a guest is reached (an addition of nova_lite)",
    ),
)
