# SPDX-License-Identifier: Apache-2.0
"""Every action of a server that is there, as a row: the key of the body, and what it needs.

An action that the table does not name is refused as unknown. Since when a row is offered, and
what its body was before, is said in nova_lite/api/versions.
"""

from collections.abc import Mapping
from typing import Any, Final

from nova_lite.api import shapes
from nova_lite.api.actions import addresses, images, policy, rebuild, schema, shelve
from nova_lite.api.request import Request
from nova_lite.api.resources.floating_ips import handlers as floating
from nova_lite.api.resources.floating_ips import policy as floating_policy
from nova_lite.api.resources.floating_ips import schema as floating_schema
from nova_lite.api.resources.remote_consoles import handlers as consoles
from nova_lite.api.resources.remote_consoles import policy as console_policy
from nova_lite.api.resources.remote_consoles import schema as console_schema
from nova_lite.api.resources.remote_consoles import view as console_view
from nova_lite.api.resources.server_security_groups import handlers as groups
from nova_lite.api.resources.server_security_groups import policy as group_policy
from nova_lite.api.resources.server_security_groups import schema as group_schema
from nova_lite.api.resources.servers.create import make_password
from nova_lite.api.resources.servers.target import begin
from nova_lite.api.resources.servers.target import load as load_server
from nova_lite.api.route import ANYONE, Anyone, Handler, Route
from nova_lite.api.view import EMPTY, Item, Make, View, closed
from nova_lite.domain import errors, lifecycle
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import Action

PATH: Final = "/servers/{id}/action"
Body = dict[str, Any]

# --- what a row does --------------------------------------------------------------------------


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


def change_password(request: Request, clients: Any, target: Instance, body: Body) -> None:
    secrets = {"admin_pass": body["changePassword"]["adminPass"]}
    begin(request, clients, target, Action.CHANGE_PASSWORD, secrets=secrets)


def rescue(request: Request, clients: Any, target: Instance, body: Body) -> str | None:
    """The password that the rescued guest has, unless the configuration keeps it to itself."""
    given = body["rescue"] or {}
    password = given.get("adminPass") or make_password(request.conf.password_length)
    params = {"image_ref": given.get("rescue_image_ref")}
    secrets = {"admin_pass": password}
    begin(request, clients, target, Action.RESCUE, params, secrets)
    return password if request.conf.api.enable_instance_password else None


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


# --- the rows ---------------------------------------------------------------------------------


def _output(request: Request) -> Make:
    return lambda text: {"output": text}


OUTPUT: Final = Item(
    key=None, shape="server.output", build=_output, of=closed({"output": {"type": "string"}})
)


def _password(request: Request) -> Make:
    return lambda word: {} if word is None else {"adminPass": word}


PASSWORD: Final = Item(
    key=None,
    shape="server.password",
    build=_password,
    of={
        "type": "object",
        "properties": {"adminPass": {"type": "string"}},
        "additionalProperties": False,
    },
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
        handler=plain(what) if isinstance(what, Action) else what,
        policy=rule,
        body=dict(body or shapes.null_body(key)),
        view=view,
        status=status,
        target=None if refused else load_server,
        hidden=refused,
        summary=f"Action {key}",
    )


def _console(key: str, *types: str) -> Route:
    """A link to a console, as it was asked for before 2.6."""
    body, view = console_schema.action(key, *types), console_view.CONSOLE
    return _verb(key, consoles.act, console_policy.CREATE, body=body, view=view, status=200)


# fmt: off
ROUTES: Final[tuple[Route, ...]] = (
    _verb("os-start", Action.START, policy.START),
    _verb("os-stop", Action.STOP, policy.STOP),
    _verb("reboot", reboot, policy.REBOOT, body=schema.REBOOT),
    _verb("pause", Action.PAUSE, policy.PAUSE),
    _verb("unpause", Action.UNPAUSE, policy.UNPAUSE),
    _verb("suspend", Action.SUSPEND, policy.SUSPEND),
    _verb("resume", Action.RESUME, policy.RESUME),
    _verb("lock", lock, policy.LOCK, body=schema.LOCK),
    _verb("unlock", unlock, policy.UNLOCK),
    _verb("os-resetState", reset_state, policy.RESET_STATE, body=schema.RESET_STATE),
    _verb("forceDelete", Action.FORCE_DELETE, policy.FORCE_DELETE),
    _verb("restore", Action.RESTORE, policy.RESTORE),
    _verb("createImage", images.create_image, policy.CREATE_IMAGE, body=schema.CREATE_IMAGE,
          view=images.IMAGE_MADE),
    _verb("createBackup", images.create_backup, policy.CREATE_BACKUP, body=schema.CREATE_BACKUP,
          view=images.IMAGE_MADE),
    _verb("shelve", Action.SHELVE, policy.SHELVE),
    _verb("shelveOffload", Action.SHELVE_OFFLOAD, policy.SHELVE_OFFLOAD),
    _verb("unshelve", shelve.unshelve, policy.UNSHELVE, body=schema.UNSHELVE),
    _verb("changePassword", change_password, policy.PASSWORD, body=schema.CHANGE_PASSWORD),
    _verb("trigger_crash_dump", Action.TRIGGER_CRASH_DUMP, policy.CRASH_DUMP),
    _verb("os-getConsoleOutput", console_output, policy.CONSOLE_OUTPUT,
          body=schema.CONSOLE_OUTPUT, view=OUTPUT, status=200),
    _verb("addSecurityGroup", groups.add, group_policy.ADD, body=group_schema.ADD),
    _verb("removeSecurityGroup", groups.remove, group_policy.REMOVE, body=group_schema.REMOVE),
    _verb("addFloatingIp", floating.add, floating_policy.ADD, body=floating_schema.ADD),
    _verb("removeFloatingIp", floating.remove, floating_policy.REMOVE, body=floating_schema.REMOVE),
    _verb("addFixedIp", addresses.add, policy.ADD_FIXED_IP, body=addresses.ADD),
    _verb("removeFixedIp", addresses.remove, policy.REMOVE_FIXED_IP, body=addresses.REMOVE),
    _verb("rebuild", rebuild.rebuild, policy.REBUILD, body=rebuild.SCHEMA, view=rebuild.VIEW),
    _verb("rescue", rescue, policy.RESCUE, body=schema.RESCUE, view=PASSWORD, status=200),
    _verb("unrescue", Action.UNRESCUE, policy.UNRESCUE),
    _console("os-getVNCConsole", "novnc", "xvpvnc"),
    _console("os-getSPICEConsole", "spice-html5"),
    _console("os-getSerialConsole", "serial"),
    # Nova has these too, and no way to do them any more.
    _verb("resetNetwork", gone, ANYONE, refused=True),
    _verb("os-getRDPConsole", rdp, ANYONE, refused=True,
          body={"type": "object", "properties": {"os-getRDPConsole": {}}}),
)
# fmt: on
