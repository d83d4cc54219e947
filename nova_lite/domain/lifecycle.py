# SPDX-License-Identifier: Apache-2.0
"""The life of a server: one row for each action, and pure functions over the rows.

The API asks `check` for a quick answer; the conductor puts `begin` into the UPDATE that
decides. Both read the same row. Source of the rows: the Compute API's documented
behaviour (which action is allowed in which state, what it sets, where it ends).
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from nova_lite.domain import errors
from nova_lite.domain.states import Action, PowerState, TaskState, VmState

V, T, A = VmState, TaskState, Action

ANY: Final = None  # in the columns `vm` and `task`: every value, idle included
IDLE: Final[frozenset[TaskState | None]] = frozenset({None})
SAME: Final = "same"  # in `then` and `failed`: the vm_state it had before
KEEP: Final = "keep"  # in `doing`: the task_state is left alone


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What one action needs, what it sets while it runs, and where it ends.

    vm, task   allowed states; ANY means every one. None in `task` means idle.
    doing      task_state while it runs; KEEP leaves it alone, None sets idle.
    then       vm_state when it succeeded; SAME keeps it.
    failed     vm_state when it failed and the guest's state is known to be as before.
    launched   the server must have been launched once.
    locked     a lock refuses it (for those who are not admin).
    preempts   may take over from another running task.
    on_host    the guest's host is asked, so it must be known and alive.
    verb       what the API calls it: in messages and in the list of instance actions.
    recorded   leaves an instance action.
    """

    action: Action
    verb: str
    vm: frozenset[VmState] | None
    task: frozenset[TaskState | None] | None = IDLE
    doing: TaskState | str | None = KEEP
    then: VmState | str = SAME
    failed: VmState | str = SAME
    launched: bool = True
    locked: bool = True
    preempts: bool = False
    on_host: bool = False
    recorded: bool = True
    power: PowerState | None = None


def _vm(*states: VmState) -> frozenset[VmState]:
    return frozenset(states)


_REBOOTABLE_TASKS: Final[frozenset[TaskState | None]] = frozenset(
    {
        None,
        T.REBOOTING,
        T.REBOOT_PENDING,
        T.REBOOT_STARTED,
        T.REBOOTING_HARD,
        T.RESUMING,
        T.PAUSING,
        T.UNPAUSING,
        T.SUSPENDING,
    }
)
_NOT_MOVING: Final[frozenset[TaskState | None]] = frozenset({None, *T} - {T.DELETING, T.MIGRATING})
_DELETE_TASKS: Final = ANY
_SETTLED: Final = _vm(V.ACTIVE, V.PAUSED, V.SUSPENDED, V.STOPPED)
_WITH_DISKS: Final = _vm(
    V.ACTIVE, V.PAUSED, V.STOPPED, V.RESIZED, V.SOFT_DELETED, V.SHELVED, V.SHELVED_OFFLOADED
)
_WITH_NICS: Final = _vm(V.ACTIVE, V.PAUSED, V.STOPPED)

RUN, OFF = PowerState.RUNNING, PowerState.SHUTDOWN

# fmt: off
RULES: Final[tuple[Rule, ...]] = (
    Rule(action=A.CREATE, verb="create", vm=_vm(V.BUILDING), task=frozenset({T.SCHEDULING}),
         doing=T.SCHEDULING, then=V.ACTIVE, failed=V.ERROR, launched=False, power=RUN),
    Rule(action=A.DELETE, verb="delete", vm=ANY, task=_DELETE_TASKS, doing=T.DELETING,
         then=V.DELETED, failed=V.ERROR, launched=False, preempts=True),
    Rule(action=A.SOFT_DELETE, verb="delete", vm=ANY, task=ANY, doing=T.SOFT_DELETING,
         then=V.SOFT_DELETED, failed=V.ERROR, preempts=True, on_host=True, power=OFF),
    Rule(action=A.RESTORE, verb="restore", vm=_vm(V.SOFT_DELETED), doing=T.RESTORING,
         then=V.ACTIVE, failed=V.ERROR, on_host=True, power=RUN),
    Rule(action=A.FORCE_DELETE, verb="forceDelete", vm=ANY, task=_DELETE_TASKS, doing=T.DELETING,
         then=V.DELETED, failed=V.ERROR, launched=False, preempts=True),
    Rule(action=A.STOP, verb="stop", vm=_vm(V.ACTIVE, V.ERROR), doing=T.POWERING_OFF,
         then=V.STOPPED, failed=SAME, on_host=True, power=OFF),
    # not for users: what power sync asks for when guest and record disagree
    Rule(action=A.FORCE_STOP, verb="stop", vm=_vm(V.ACTIVE, V.PAUSED, V.STOPPED, V.ERROR),
         doing=T.POWERING_OFF, then=V.STOPPED, failed=SAME, launched=False, locked=False,
         on_host=True, power=OFF),
    Rule(action=A.START, verb="start", vm=_vm(V.STOPPED), doing=T.POWERING_ON,
         then=V.ACTIVE, failed=SAME, on_host=True, power=RUN),
    Rule(action=A.REBOOT, verb="reboot", vm=_vm(V.ACTIVE), doing=T.REBOOTING,
         then=V.ACTIVE, failed=V.ERROR, on_host=True, power=RUN),
    Rule(action=A.REBOOT_HARD, verb="reboot",
         vm=_vm(V.ACTIVE, V.STOPPED, V.PAUSED, V.SUSPENDED, V.ERROR), task=_REBOOTABLE_TASKS,
         doing=T.REBOOTING_HARD, then=V.ACTIVE, failed=V.ERROR, preempts=True, on_host=True,
         power=RUN),
    Rule(action=A.PAUSE, verb="pause", vm=_vm(V.ACTIVE), doing=T.PAUSING,
         then=V.PAUSED, on_host=True, power=PowerState.PAUSED),
    Rule(action=A.UNPAUSE, verb="unpause", vm=_vm(V.PAUSED), doing=T.UNPAUSING,
         then=V.ACTIVE, on_host=True, power=RUN),
    Rule(action=A.SUSPEND, verb="suspend", vm=_vm(V.ACTIVE), doing=T.SUSPENDING,
         then=V.SUSPENDED, on_host=True, power=OFF),
    Rule(action=A.RESUME, verb="resume", vm=_vm(V.SUSPENDED), doing=T.RESUMING,
         then=V.ACTIVE, failed=V.ERROR, on_host=True, power=RUN),
    Rule(action=A.RESCUE, verb="rescue", vm=_vm(V.ACTIVE, V.STOPPED, V.ERROR), doing=T.RESCUING,
         then=V.RESCUED, failed=V.ERROR, on_host=True, power=RUN),
    Rule(action=A.UNRESCUE, verb="unrescue", vm=_vm(V.RESCUED), doing=T.UNRESCUING,
         then=V.ACTIVE, failed=V.ERROR, on_host=True, power=RUN),
    Rule(action=A.REBUILD, verb="rebuild", vm=_vm(V.ACTIVE, V.STOPPED, V.ERROR),
         doing=T.REBUILDING, then=V.ACTIVE, failed=V.ERROR, launched=False, on_host=True,
         power=RUN),
    Rule(action=A.RESIZE, verb="resize", vm=_vm(V.ACTIVE, V.STOPPED), doing=T.RESIZE_PREP,
         then=V.RESIZED, failed=SAME, on_host=True, power=RUN),
    Rule(action=A.MIGRATE, verb="migrate", vm=_vm(V.ACTIVE, V.STOPPED), doing=T.RESIZE_PREP,
         then=V.RESIZED, failed=SAME, on_host=True, power=RUN),
    Rule(action=A.CONFIRM_RESIZE, verb="confirmResize", vm=_vm(V.RESIZED), doing=None,
         then=V.ACTIVE, failed=V.ERROR, on_host=True),
    Rule(action=A.REVERT_RESIZE, verb="revertResize", vm=_vm(V.RESIZED), doing=T.RESIZE_REVERTING,
         then=V.ACTIVE, failed=V.ERROR, on_host=True),
    Rule(action=A.LIVE_MIGRATE, verb="live-migration", vm=_vm(V.ACTIVE, V.PAUSED),
         doing=T.MIGRATING, on_host=True),
    Rule(action=A.LIVE_MIGRATE_FORCE_COMPLETE, verb="live_migration_force_complete",
         vm=_vm(V.ACTIVE), task=frozenset({T.MIGRATING}), on_host=True),
    Rule(action=A.LIVE_MIGRATE_ABORT, verb="live_migration_cancel", vm=ANY,
         task=frozenset({T.MIGRATING}), on_host=True),
    Rule(action=A.EVACUATE, verb="evacuate", vm=_vm(V.ACTIVE, V.STOPPED, V.ERROR), task=ANY,
         doing=T.REBUILDING, then=SAME, failed=V.ERROR, preempts=True),
    Rule(action=A.SHELVE, verb="shelve", vm=_SETTLED, doing=T.SHELVING, then=V.SHELVED,
         on_host=True, power=OFF),
    Rule(action=A.SHELVE_OFFLOAD, verb="shelveOffload", vm=_vm(V.SHELVED),
         doing=T.SHELVING_OFFLOADING, then=V.SHELVED_OFFLOADED, on_host=True),
    Rule(action=A.UNSHELVE, verb="unshelve", vm=_vm(V.SHELVED, V.SHELVED_OFFLOADED),
         doing=T.UNSHELVING, then=V.ACTIVE, power=RUN),
    Rule(action=A.CREATE_IMAGE, verb="createImage", vm=_SETTLED,
         doing=T.IMAGE_SNAPSHOT_PENDING, on_host=True),
    Rule(action=A.CREATE_BACKUP, verb="createBackup", vm=_SETTLED, doing=T.IMAGE_BACKUP,
         on_host=True),
    Rule(action=A.CHANGE_PASSWORD, verb="changePassword", vm=_vm(V.ACTIVE),
         doing=T.UPDATING_PASSWORD, on_host=True),
    Rule(action=A.TRIGGER_CRASH_DUMP, verb="trigger_crash_dump",
         vm=_vm(V.ACTIVE, V.PAUSED, V.RESCUED, V.RESIZED, V.ERROR), on_host=True),
    Rule(action=A.GET_CONSOLE_OUTPUT, verb="get_console_output", vm=ANY, task=ANY,
         launched=False, locked=False, on_host=True, recorded=False),
    Rule(action=A.GET_CONSOLE, verb="get_console", vm=ANY, task=_NOT_MOVING, launched=False,
         locked=False, on_host=True, recorded=False),
    Rule(action=A.ATTACH_VOLUME, verb="attach_volume", vm=_WITH_DISKS),
    Rule(action=A.DETACH_VOLUME, verb="detach_volume", vm=_WITH_DISKS),
    Rule(action=A.SWAP_VOLUME, verb="swap_volume", vm=_vm(V.ACTIVE, V.PAUSED, V.RESIZED),
         on_host=True),
    Rule(action=A.ATTACH_INTERFACE, verb="attach_interface", vm=_WITH_NICS, on_host=True),
    Rule(action=A.DETACH_INTERFACE, verb="detach_interface", vm=_WITH_NICS, on_host=True),
    Rule(action=A.SET_METADATA, verb="update_instance_metadata", vm=_SETTLED, task=ANY,
         launched=False, recorded=False),
    Rule(action=A.SET_TAGS, verb="tags", vm=_SETTLED, task=ANY, launched=False, locked=False,
         recorded=False),
    Rule(action=A.LOCK, verb="lock", vm=ANY, task=ANY, launched=False, locked=False),
    Rule(action=A.UNLOCK, verb="unlock", vm=ANY, task=ANY, launched=False, locked=False),
    Rule(action=A.RESET_STATE, verb="resetState", vm=ANY, task=ANY, doing=None, launched=False,
         locked=False, preempts=True),
    Rule(action=A.ADD_SECURITY_GROUP, verb="addSecurityGroup", vm=ANY, task=ANY, launched=False,
         on_host=True, recorded=False),
    Rule(action=A.REMOVE_SECURITY_GROUP, verb="removeSecurityGroup", vm=ANY, task=ANY,
         launched=False, on_host=True, recorded=False),
    Rule(action=A.INJECT_NETWORK_INFO, verb="injectNetworkInfo", vm=ANY, task=ANY, launched=False,
         on_host=True, recorded=False),
    Rule(action=A.GET_DIAGNOSTICS, verb="get_diagnostics", vm=ANY, task=ANY, launched=False,
         locked=False, on_host=True, recorded=False),
    Rule(action=A.UPDATE, verb="update", vm=ANY, task=ANY, launched=False, locked=False,
         recorded=False),
)
# fmt: on

BY_ACTION: Final[dict[Action, Rule]] = {rule.action: rule for rule in RULES}


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """The part of an instance that decides what may be done with it."""

    uuid: str
    vm_state: VmState
    task_state: TaskState | None = None
    launched: bool = False
    host: str | None = None
    locked_by: str | None = None


def check(action: Action, seen: Snapshot, *, is_admin: bool = False) -> None:
    """Raise InstanceIsLocked, InstanceStateConflict or InstanceNotReady if not allowed now."""
    rule = BY_ACTION[action]
    if rule.locked and seen.locked_by and not is_admin:
        raise errors.InstanceIsLocked(instance_id=seen.uuid)
    if rule.vm is not None and seen.vm_state not in rule.vm:
        raise _refused(rule, seen, "vm_state", seen.vm_state)
    if rule.task is not None and seen.task_state not in rule.task:
        raise _refused(rule, seen, "task_state", seen.task_state)
    if rule.launched and not seen.launched:
        raise _refused(rule, seen, "launched_at", None)
    if rule.on_host and seen.host is None:
        raise errors.InstanceNotReady(instance_id=seen.uuid)


def _refused(rule: Rule, seen: Snapshot, attr: str, state: object) -> errors.NovaLiteError:
    text = None if state is None else str(state)
    return errors.InstanceStateConflict(
        action=rule.verb, instance_id=seen.uuid, attr=attr, state=text
    )


def doing(action: Action, task_now: TaskState | None) -> TaskState | None:
    """The task_state while the action runs."""
    wanted = BY_ACTION[action].doing
    if wanted == KEEP:
        return task_now
    return TaskState(wanted) if wanted is not None else None


def succeeded(action: Action, vm_before: VmState) -> VmState:
    """The vm_state after success. A rebuilt or reverted server that was stopped stays so."""
    rule = BY_ACTION[action]
    if rule.then == SAME:
        return vm_before
    if action is Action.REBUILD and vm_before is VmState.STOPPED:
        return VmState.STOPPED
    return VmState(rule.then)


def failed(action: Action, vm_before: VmState, power: PowerState | None = None) -> VmState:
    """The vm_state after a failure.

    `power` is what the hypervisor says now: a guest that is where the state before says it
    should be keeps that state, also where the row's `failed` says ERROR; None = not known.
    """
    rule = BY_ACTION[action]
    if rule.failed == SAME:
        return vm_before
    keeps = {VmState.ACTIVE: PowerState.RUNNING, VmState.STOPPED: PowerState.SHUTDOWN}
    undone = (Action.REBOOT, Action.REBOOT_HARD, Action.RESCUE)
    if action in undone and power is not None and keeps.get(vm_before) == power:
        return vm_before
    return VmState(rule.failed)


# --- what the hypervisor says, when the server is idle ------------------------------------


class PowerVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """What to do about an observed power state: an action, or a mere note, or nothing."""

    action: Action | None = None
    warn: str | None = None


_GONE: Final = frozenset({PowerState.SHUTDOWN, PowerState.CRASHED})
_UP: Final = frozenset({PowerState.RUNNING, PowerState.PAUSED, PowerState.SUSPENDED})


def from_power(vm: VmState, power: PowerState) -> PowerVerdict:
    """Reconcile an idle server with its guest (reference: periodic power sync)."""
    if vm is VmState.ACTIVE:
        if power in _GONE or power is PowerState.SUSPENDED:
            return PowerVerdict(action=Action.FORCE_STOP)
        if power is not PowerState.RUNNING:
            return PowerVerdict(warn=f"is active but its guest is {power.name}")
    elif vm is VmState.STOPPED and power in _UP:
        return PowerVerdict(action=Action.FORCE_STOP)
    elif vm is VmState.PAUSED and power in _GONE:
        return PowerVerdict(action=Action.FORCE_STOP)
    elif vm in (VmState.SOFT_DELETED, VmState.DELETED) and power is PowerState.RUNNING:
        return PowerVerdict(warn=f"is {vm} but its guest is running")
    return PowerVerdict()


# --- what the API shows -------------------------------------------------------------------

_DEFAULT_STATUS: Final[dict[VmState, str]] = {
    V.ACTIVE: "ACTIVE",
    V.BUILDING: "BUILD",
    V.STOPPED: "SHUTOFF",
    V.RESIZED: "VERIFY_RESIZE",
    V.PAUSED: "PAUSED",
    V.SUSPENDED: "SUSPENDED",
    V.RESCUED: "RESCUE",
    V.ERROR: "ERROR",
    V.DELETED: "DELETED",
    V.SOFT_DELETED: "SOFT_DELETED",
    V.SHELVED: "SHELVED",
    V.SHELVED_OFFLOADED: "SHELVED_OFFLOADED",
}
_REBUILDING: Final = (T.REBUILDING, T.REBUILD_BLOCK_DEVICE_MAPPING, T.REBUILD_SPAWNING)
_RESIZING: Final = (T.RESIZE_PREP, T.RESIZE_MIGRATING, T.RESIZE_MIGRATED, T.RESIZE_FINISH)


def _pairs(vms: Iterable[VmState], tasks: Iterable[TaskState], status: str) -> dict:
    return {(vm, task): status for vm in vms for task in tasks}


_STATUS: Final[dict[tuple[VmState, TaskState], str]] = {
    **_pairs([V.ACTIVE], [T.REBOOTING, T.REBOOT_PENDING, T.REBOOT_STARTED], "REBOOT"),
    **_pairs(
        [V.ACTIVE],
        [T.REBOOTING_HARD, T.REBOOT_PENDING_HARD, T.REBOOT_STARTED_HARD],
        "HARD_REBOOT",
    ),
    **_pairs([V.ACTIVE], [T.UPDATING_PASSWORD], "PASSWORD"),
    **_pairs([V.ACTIVE, V.STOPPED, V.ERROR], _REBUILDING, "REBUILD"),
    **_pairs([V.ACTIVE, V.PAUSED], [T.MIGRATING], "MIGRATING"),
    **_pairs([V.ACTIVE, V.STOPPED], _RESIZING, "RESIZE"),
    **_pairs([V.RESIZED], [T.RESIZE_REVERTING], "REVERT_RESIZE"),
}


def status(vm: VmState, task: TaskState | None, *, deleted: bool = False) -> str:
    """The one word that the API shows for a server."""
    if deleted:
        return "DELETED"
    if task is not None:
        special = _STATUS.get((vm, task))
        if special is not None:
            return special
    return _DEFAULT_STATUS.get(vm, "UNKNOWN")


def states_of(word: str) -> list[tuple[VmState, frozenset[TaskState | None]]] | None:
    """The (vm_state, task_states) pairs that show as this status; None if there is none.

    Case does not matter. The default status of a vm_state covers every task_state that has
    no special word with that vm_state.
    """
    wanted = word.upper()
    found: dict[VmState, set[TaskState | None]] = {}
    for vm, default in _DEFAULT_STATUS.items():
        for task in (None, *TaskState):
            if status(vm, task) == wanted:
                found.setdefault(vm, set()).add(task)
        if default == wanted:
            found.setdefault(vm, set()).add(None)
    return [(vm, frozenset(tasks)) for vm, tasks in found.items()] or None


PROGRESS_STATUSES: Final = frozenset(
    {"ACTIVE", "BUILD", "REBUILD", "RESIZE", "VERIFY_RESIZE", "MIGRATING"}
)
FAULT_STATUSES: Final = frozenset({"ERROR", "DELETED"})
