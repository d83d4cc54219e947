# SPDX-License-Identifier: Apache-2.0
"""What the call about tokens of consoles does."""

from typing import Any

from nova_lite.api.request import Request
from nova_lite.api.versions.behaviours import Behaviour
from nova_lite.domain import errors
from nova_lite.domain.console import ConsoleConnection


def show(request: Request, clients: Any, target: None, body: None) -> ConsoleConnection:
    """GET /os-console-auth-tokens/{id}"""
    found: ConsoleConnection = clients.conductor.show_console_token(
        request.context, token=request.params["id"]
    )
    if not request.has(Behaviour.CONSOLE_TOKENS_OF_ALL_TYPES):
        raise errors.ConsoleTokenRefused(
            reason="The requested console type details are not accessible"
        )
    return found
