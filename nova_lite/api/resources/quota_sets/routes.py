# SPDX-License-Identifier: Apache-2.0
"""The calls about the quota of projects."""

from nova_lite.api.resources.quota_sets import handlers, policy, schema, view
from nova_lite.api.route import NO_QUERY, Route
from nova_lite.api.view import EMPTY

ROUTES = (
    Route(
        method="GET",
        path="/os-quota-sets/{id}",
        name="quota_sets.show",
        handler=handlers.show,
        policy=policy.SHOW,
        query=schema.OF_USER,
        target=handlers.project,
        view=view.SHOWN,
        summary="Show the quota of a project",
    ),
    Route(
        method="GET",
        path="/os-quota-sets/{id}/detail",
        name="quota_sets.detail",
        handler=handlers.show,
        policy=policy.DETAIL,
        query=schema.OF_USER,
        target=handlers.project,
        view=view.DETAIL,
        summary="Show quota and use of a project",
    ),
    Route(
        method="GET",
        path="/os-quota-sets/{id}/defaults",
        name="quota_sets.defaults",
        handler=handlers.defaults,
        policy=policy.DEFAULTS,
        query=NO_QUERY,
        target=handlers.project,
        view=view.DEFAULTS,
        summary="Show the default quota",
    ),
    Route(
        method="PUT",
        path="/os-quota-sets/{id}",
        name="quota_sets.update",
        handler=handlers.update,
        policy=policy.UPDATE,
        query=schema.OF_USER,
        body=schema.UPDATE,
        target=handlers.project,
        view=view.UPDATED,
        summary="Set the quota of a project",
    ),
    Route(
        method="DELETE",
        path="/os-quota-sets/{id}",
        name="quota_sets.delete",
        handler=handlers.delete,
        policy=policy.DELETE,
        query=schema.OF_USER,
        target=handlers.project,
        status=202,
        view=EMPTY,
        summary="Go back to the default quota",
    ),
)
