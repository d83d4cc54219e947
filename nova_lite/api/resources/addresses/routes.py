# SPDX-License-Identifier: Apache-2.0
"""The calls about addresses of servers."""

from nova_lite.api.resources.addresses import handlers, policy, view
from nova_lite.api.resources.servers.target import load
from nova_lite.api.route import NO_QUERY, Route

ROUTES = (
    Route(
        method="GET",
        path="/servers/{server_id}/ips",
        name="addresses.list",
        handler=handlers.index,
        policy=policy.INDEX,
        query=NO_QUERY,
        target=load,
        view=view.ADDRESSES,
        summary="List the addresses of a server",
    ),
    Route(
        method="GET",
        path="/servers/{server_id}/ips/{id}",
        name="addresses.show",
        handler=handlers.show,
        policy=policy.SHOW,
        query=NO_QUERY,
        target=load,
        view=view.OF_ONE,
        summary="List the addresses of a server in one network, by its name",
    ),
)
