# SPDX-License-Identifier: Apache-2.0
"""What the actions do that are more than a row: those with a body or an answer of their own."""

from typing import Any

from nova_lite.api.actions import policy
from nova_lite.api.request import Request
from nova_lite.api.route import Handler
from nova_lite.domain import errors, lifecycle
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import Action

Body = dict[str, Any]


def begin(
    request: Request,
    clients: Any,
    server: Instance,
    action: Action,
    params: dict[str, Any] | None = None,
) -> None:
    """Ask the conductor. What cannot be is refused here already, by the same table."""
    lifecycle.check(action, server.snapshot(), is_admin=request.context.is_admin)
    clients.conductor.begin_action(
        request.context, uuid=server.uuid, action=action, params=params or {}
    )


def plain(action: Action) -> Handler:
    """The handler of an action without parameters."""

    def handler(request: Request, clients: Any, target: Instance, body: Body) -> None:
        begin(request, clients, target, action)

    return handler


def reboot(request: Request, clients: Any, target: Instance, body: Body) -> None:
    hard = body["reboot"]["type"].upper() == "HARD"
    begin(request, clients, target, Action.REBOOT_HARD if hard else Action.REBOOT)


def lock(request: Request, clients: Any, target: Instance, body: Body) -> None:
    given = body["lock"]
    reason = given.get("locked_reason") if isinstance(given, dict) else None
    begin(request, clients, target, Action.LOCK, {"reason": reason})


def unlock(request: Request, clients: Any, target: Instance, body: Body) -> None:
    """An administrator's lock needs a right of its own."""
    if target.locked_by == "admin":
        owner = {"project_id": target.project_id, "user_id": target.user_id}
        request.authorize(policy.UNLOCK_OVERRIDE, owner)
    begin(request, clients, target, Action.UNLOCK)


def reset_state(request: Request, clients: Any, target: Instance, body: Body) -> None:
    state = body["os-resetState"]["state"]
    begin(request, clients, target, Action.RESET_STATE, {"state": state})


def console_output(request: Request, clients: Any, target: Instance, body: Body) -> str:
    """The last lines of the console log; all that is kept without a length, or with -1."""
    lifecycle.check(Action.GET_CONSOLE_OUTPUT, target.snapshot(), is_admin=True)
    given = body["os-getConsoleOutput"].get("length")
    length = None if given is None else int(given)
    text: str = clients.conductor.get_console_output(
        request.context, uuid=target.uuid, length=None if length == -1 else length
    )
    return text


def gone(request: Request, clients: Any, target: None, body: Body) -> None:
    raise errors.Gone()


def rdp(request: Request, clients: Any, target: None, body: Body) -> None:
    raise errors.Invalid("Unavailable console type rdp-html5.")
