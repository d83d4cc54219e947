# SPDX-License-Identifier: Apache-2.0
"""The calls about floating addresses; they ended with 2.36. The actions on servers, which ended
with 2.44, are in api/actions/table.py."""

from nova_lite.api.resources.floating_ips import handlers, policy, schema, view
from nova_lite.api.route import NO_QUERY, Route
from nova_lite.api.view import EMPTY

ROUTES = (
    Route(
        method="GET",
        path="/os-floating-ip-pools",
        name="floating_ip_pools.list",
        handler=handlers.pools,
        policy=policy.POOLS,
        query=NO_QUERY,
        view=view.POOLS,
        summary="List the networks that floating addresses come from",
    ),
    Route(
        method="GET",
        path="/os-floating-ips",
        name="floating_ips.list",
        handler=handlers.index,
        policy=policy.LIST,
        query=NO_QUERY,
        view=view.FLOATING_IPS,
        summary="List floating addresses",
    ),
    Route(
        method="POST",
        path="/os-floating-ips",
        name="floating_ips.create",
        handler=handlers.create,
        policy=policy.CREATE,
        body=schema.CREATE,
        view=view.FLOATING_IP,
        summary="Take a floating address",
    ),
    Route(
        method="GET",
        path="/os-floating-ips/{id}",
        name="floating_ips.show",
        handler=handlers.show,
        policy=policy.SHOW,
        query=NO_QUERY,
        view=view.FLOATING_IP,
        summary="Show a floating address",
    ),
    Route(
        method="DELETE",
        path="/os-floating-ips/{id}",
        name="floating_ips.delete",
        handler=handlers.delete,
        policy=policy.DELETE,
        status=202,
        view=EMPTY,
        summary="Give a floating address back",
    ),
)
