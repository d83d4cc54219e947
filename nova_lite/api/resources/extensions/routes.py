# SPDX-License-Identifier: Apache-2.0
"""The calls about extensions."""

from nova_lite.api.resources.extensions import handlers, policy, view
from nova_lite.api.route import NO_QUERY, Route

ROUTES = (
    Route(
        method="GET",
        path="/extensions",
        name="extensions.list",
        handler=handlers.index,
        policy=policy.ALL,
        query=NO_QUERY,
        view=view.EXTENSIONS,
        summary="List extensions",
    ),
    Route(
        method="GET",
        path="/extensions/{id}",
        name="extensions.show",
        handler=handlers.show,
        policy=policy.ALL,
        query=NO_QUERY,
        view=view.EXTENSION,
        summary="Show an extension, by its alias",
    ),
)
