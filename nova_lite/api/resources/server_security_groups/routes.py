# SPDX-License-Identifier: Apache-2.0
"""The call about security groups of servers; the actions are in api/actions/table.py."""

from nova_lite.api.resources.server_security_groups import handlers, policy, view
from nova_lite.api.resources.servers.target import load
from nova_lite.api.route import NO_QUERY, Route

ROUTES = (
    Route(
        method="GET",
        path="/servers/{server_id}/os-security-groups",
        name="server_security_groups.list",
        handler=handlers.index,
        policy=policy.LIST,
        query=NO_QUERY,
        target=load,
        view=view.GROUPS,
        summary="List the security groups of a server",
    ),
)
