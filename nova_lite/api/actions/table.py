# SPDX-License-Identifier: Apache-2.0
"""Every action of a server that is there, as a row: the key of the body, and what it needs.

An action that the table does not name is refused as unknown. Since when a row is offered, and
what its body was before, is said in nova_lite/api/versions.
"""

from collections.abc import Mapping
from typing import Any, Final

from nova_lite.api import shapes
from nova_lite.api.actions import policy, schema, verbs
from nova_lite.api.request import Request
from nova_lite.api.resources.servers import target
from nova_lite.api.route import ANYONE, Anyone, Handler, Route
from nova_lite.api.view import EMPTY, Item, Make, View, closed
from nova_lite.domain.states import Action

PATH: Final = "/servers/{id}/action"


def _output(request: Request) -> Make:
    return lambda text: {"output": text}


OUTPUT: Final = Item(
    key=None, shape="server.output", build=_output, of=closed({"output": {"type": "string"}})
)


def _verb(
    key: str,
    what: Action | Handler,
    rule: str | Anyone,
    *,
    body: Mapping[str, Any] | None = None,
    view: View = EMPTY,
    status: int = 202,
    refused: bool = False,
) -> Route:
    """A row. An Action is done by the life-cycle table alone; a function does more; one that is
    always refused needs no server."""
    return Route(
        method="POST",
        path=PATH,
        name=f"servers.action.{key}",
        action=key,
        handler=verbs.plain(what) if isinstance(what, Action) else what,
        policy=rule,
        body=dict(body or shapes.null_body(key)),
        view=view,
        status=status,
        target=None if refused else target.load,
        hidden=refused,
        summary=f"Action {key}",
    )


# fmt: off
ROUTES: Final[tuple[Route, ...]] = (
    _verb("os-start", Action.START, policy.START),
    _verb("os-stop", Action.STOP, policy.STOP),
    _verb("reboot", verbs.reboot, policy.REBOOT, body=schema.REBOOT),
    _verb("pause", Action.PAUSE, policy.PAUSE),
    _verb("unpause", Action.UNPAUSE, policy.UNPAUSE),
    _verb("suspend", Action.SUSPEND, policy.SUSPEND),
    _verb("resume", Action.RESUME, policy.RESUME),
    _verb("lock", verbs.lock, policy.LOCK, body=schema.LOCK),
    _verb("unlock", verbs.unlock, policy.UNLOCK),
    _verb("os-resetState", verbs.reset_state, policy.RESET_STATE, body=schema.RESET_STATE),
    _verb("forceDelete", Action.FORCE_DELETE, policy.FORCE_DELETE),
    _verb("restore", Action.RESTORE, policy.RESTORE),
    _verb("os-getConsoleOutput", verbs.console_output, policy.CONSOLE_OUTPUT,
          body=schema.CONSOLE_OUTPUT, view=OUTPUT, status=200),
    # Nova has these too, and no way to do them any more.
    _verb("resetNetwork", verbs.gone, ANYONE, refused=True),
    _verb("os-getRDPConsole", verbs.rdp, ANYONE, refused=True,
          body={"type": "object", "properties": {"os-getRDPConsole": {}}}),
)
# fmt: on
