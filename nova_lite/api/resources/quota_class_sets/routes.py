# SPDX-License-Identifier: Apache-2.0
"""The calls about the default quota."""

from nova_lite.api.resources.quota_class_sets import handlers, policy, schema, view
from nova_lite.api.route import NO_QUERY, Route

ROUTES = (
    Route(
        method="GET",
        path="/os-quota-class-sets/{id}",
        name="quota_class_sets.show",
        handler=handlers.show,
        policy=policy.SHOW,
        query=NO_QUERY,
        view=view.QUOTA_CLASS,
        summary="Show the quota of a class",
    ),
    Route(
        method="PUT",
        path="/os-quota-class-sets/{id}",
        name="quota_class_sets.update",
        handler=handlers.update,
        policy=policy.UPDATE,
        body=schema.UPDATE,
        view=view.QUOTA_CLASS,
        summary="Set the quota of a class",
    ),
)
