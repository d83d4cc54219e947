# SPDX-License-Identifier: Apache-2.0
"""Actions that are done in the UPDATE that accepts them: lock, unlock, reset of the state."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from nova_lite.base.context import RequestContext
from nova_lite.domain import errors
from nova_lite.domain.instance import Instance, InstancePatch
from nova_lite.domain.states import Action, VmState

OWNER, ADMIN = "owner", "admin"
RESETS: Final = {"active": VmState.ACTIVE, "error": VmState.ERROR}


def lock(
    context: RequestContext, found: Instance, params: Mapping[str, Any]
) -> InstancePatch | None:
    """Locked by `owner` (somebody of its project) or `admin`. A later lock by its project
    changes nothing."""
    is_owner = context.project_id == found.project_id
    if found.locked_by is not None and is_owner:
        return None
    by = OWNER if is_owner else ADMIN
    return InstancePatch(locked_by=by, locked_reason=params.get("reason"))


def unlock(context: RequestContext, found: Instance, params: Mapping[str, Any]) -> InstancePatch:
    """`override` true: the caller may undo an administrator's lock."""
    if found.locked_by == ADMIN and not params.get("override", context.is_admin):
        raise errors.PolicyNotAuthorized(
            rule="os_compute_api:os-lock-server:unlock:unlock_override"
        )
    return InstancePatch(locked_by=None, locked_reason=None)


def reset_state(
    context: RequestContext, found: Instance, params: Mapping[str, Any]
) -> InstancePatch:
    """Into `state` (active or error), idle, whatever was going on."""
    state = RESETS.get(str(params.get("state")))
    if state is None:
        raise errors.Invalid(f"Invalid state {params.get('state')!r}: active or error")
    return InstancePatch(vm_state=state, task_state=None)


# What is written; None: nothing has to be.
Immediate = Callable[[RequestContext, Instance, Mapping[str, Any]], InstancePatch | None]
TABLE: Final[dict[Action, Immediate]] = {
    Action.LOCK: lock,
    Action.UNLOCK: unlock,
    Action.RESET_STATE: reset_state,
}
