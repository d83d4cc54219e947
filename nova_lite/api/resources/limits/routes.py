# SPDX-License-Identifier: Apache-2.0
"""The call about limits."""

from nova_lite.api.resources.limits import handlers, policy, schema, view
from nova_lite.api.route import Route

ROUTES = (
    Route(
        method="GET",
        path="/limits",
        name="limits.show",
        handler=handlers.show,
        policy=policy.SHOW,
        query=schema.SHOW,
        view=view.LIMITS,
        summary="Show limits and use of a project",
    ),
)
