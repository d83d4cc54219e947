# SPDX-License-Identifier: Apache-2.0
"""What the calls about consoles do."""

from collections.abc import Mapping
from typing import Any, Final

from nova_lite.api.request import Request
from nova_lite.domain import errors, lifecycle
from nova_lite.domain.console import PROTOCOLS, ConsoleAccess, ConsoleType
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import Action

_TYPES: Final[Mapping[str, ConsoleType]] = {str(kind): kind for kind in ConsoleType}


def create(request: Request, clients: Any, target: Instance, body: Any) -> ConsoleAccess:
    """POST /servers/{server_id}/remote-consoles"""
    given = body["remote_console"]
    kind = _TYPES.get(given["type"])
    if kind is None or PROTOCOLS[kind] != given["protocol"]:
        raise errors.ConsoleTypeUnavailable(console_type=given["type"])
    return ask(request, clients, target, kind)


def act(request: Request, clients: Any, target: Instance, body: Any) -> ConsoleAccess:
    """POST /servers/{id}/action os-get...Console: the body has one key."""
    ((_, given),) = body.items()
    kind = _TYPES.get(given["type"])
    if kind is None:
        raise errors.ConsoleTypeUnavailable(console_type=given["type"])
    return ask(request, clients, target, kind)


def ask(request: Request, clients: Any, target: Instance, kind: ConsoleType) -> ConsoleAccess:
    lifecycle.check(Action.GET_CONSOLE, target.snapshot(), is_admin=request.context.is_admin)
    made: ConsoleAccess = clients.conductor.create_console(
        request.context, uuid=target.uuid, kind=kind
    )
    return made
