# SPDX-License-Identifier: Apache-2.0
"""The call about diagnostics."""

from nova_lite.api.resources.diagnostics import handlers, policy, view
from nova_lite.api.resources.servers.target import load
from nova_lite.api.route import NO_QUERY, Route

ROUTES = (
    Route(
        method="GET",
        path="/servers/{server_id}/diagnostics",
        name="diagnostics.show",
        handler=handlers.show,
        policy=policy.SHOW,
        query=NO_QUERY,
        target=load,
        view=view.DIAGNOSTICS,
        summary="Show what the hypervisor says of a server",
    ),
)
