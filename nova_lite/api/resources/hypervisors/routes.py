# SPDX-License-Identifier: Apache-2.0
"""The calls about hypervisors."""

from nova_lite.api.resources.hypervisors import handlers, policy, schema, view
from nova_lite.api.route import NO_QUERY, Route

ROUTES = (
    Route(
        method="GET",
        path="/os-hypervisors",
        name="hypervisors.list",
        handler=handlers.index,
        policy=policy.LIST,
        query=schema.LIST,
        view=view.SUMMARIES,
        summary="List hypervisors",
    ),
    Route(
        method="GET",
        path="/os-hypervisors/detail",
        name="hypervisors.detail",
        handler=handlers.index,
        policy=policy.DETAIL,
        query=schema.LIST,
        view=view.DETAILS,
        summary="List hypervisors with details",
    ),
    Route(
        method="GET",
        path="/os-hypervisors/statistics",
        name="hypervisors.statistics",
        handler=handlers.statistics,
        policy=policy.STATISTICS,
        query=NO_QUERY,
        view=view.STATISTICS,
        summary="Sums over all hypervisors",
    ),
    Route(
        method="GET",
        path="/os-hypervisors/{id}",
        name="hypervisors.show",
        handler=handlers.show,
        policy=policy.SHOW,
        query=schema.SHOW,
        view=view.DETAIL,
        summary="Show a hypervisor",
    ),
    Route(
        method="GET",
        path="/os-hypervisors/{id}/uptime",
        name="hypervisors.uptime",
        handler=handlers.uptime,
        policy=policy.UPTIME,
        query=NO_QUERY,
        view=view.UPTIME,
        summary="Show the uptime of a hypervisor",
    ),
    Route(
        method="GET",
        path="/os-hypervisors/{id}/search",
        name="hypervisors.search",
        handler=handlers.named,
        policy=policy.SEARCH,
        query=NO_QUERY,
        view=view.FOUND,
        summary="Find hypervisors by a part of their host name",
    ),
    Route(
        method="GET",
        path="/os-hypervisors/{id}/servers",
        name="hypervisors.servers",
        handler=handlers.named,
        policy=policy.SERVERS,
        query=NO_QUERY,
        view=view.WITH_SERVERS,
        summary="Find hypervisors and the servers on them",
    ),
)
