# SPDX-License-Identifier: Apache-2.0
"""The call about tokens of consoles."""

from nova_lite.api.resources.console_auth_tokens import handlers, policy, view
from nova_lite.api.route import NO_QUERY, Route
from nova_lite.domain import errors

ROUTES = (
    Route(
        method="GET",
        path="/os-console-auth-tokens/{id}",
        name="console_auth_tokens.show",
        handler=handlers.show,
        policy=policy.SHOW,
        query=NO_QUERY,
        view=view.TOKEN,
        errors={errors.ConsoleTokenRefused: 401},
        summary="Show what a token of a console is for",
    ),
)
