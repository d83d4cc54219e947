# SPDX-License-Identifier: Apache-2.0
"""Servers that are marked busy although nobody works on them: what becomes of each.

Flows are resumed by whoever takes their run over, so this is for servers without a run only.
"""

from typing import Final

import msgspec

from nova_lite.domain.states import Action, TaskState, VmState

V, T, A = VmState, TaskState, Action


class Recovery(msgspec.Struct, frozen=True, kw_only=True):
    """`vm_state` None: as it is. The task_state becomes idle; then `action` is begun, if any.
    `fault`: what users are told."""

    vm_state: VmState | None = None
    action: Action | None = None
    fault: str | None = None


_BUILD: Final = frozenset({T.SCHEDULING, T.NETWORKING, T.BLOCK_DEVICE_MAPPING, T.SPAWNING})
_REBUILD: Final = frozenset({T.REBUILDING, T.REBUILD_BLOCK_DEVICE_MAPPING, T.REBUILD_SPAWNING})
_AGAIN: Final[dict[TaskState, Action]] = {
    T.DELETING: A.FORCE_DELETE,
    T.SOFT_DELETING: A.DELETE,
    T.RESTORING: A.RESTORE,
    T.POWERING_OFF: A.STOP,
    T.POWERING_ON: A.START,
    T.UNRESCUING: A.UNRESCUE,
    T.REBOOTING: A.REBOOT_HARD,
    T.REBOOTING_HARD: A.REBOOT_HARD,
    T.REBOOT_PENDING: A.REBOOT_HARD,
    T.REBOOT_PENDING_HARD: A.REBOOT_HARD,
}
_INTERRUPTED: Final = "The operation was interrupted and could not be continued."


def recover(vm: VmState, task: TaskState) -> Recovery:
    """What becomes of a server that is `task` although nobody works on it.

    Where only the task_state is cleared, the power sync brings vm_state and guest together."""
    if task in (T.DELETING, T.SOFT_DELETING):
        return Recovery(action=_AGAIN[task])
    if vm is V.ERROR:
        return Recovery()
    if vm in (V.SHELVED, V.SHELVED_OFFLOADED):
        return Recovery()  # its image is there still
    if vm is V.BUILDING or task in _BUILD:
        return Recovery(vm_state=V.ERROR, fault=_INTERRUPTED)
    if task in _REBUILD or task is T.RESCUING:
        return Recovery(vm_state=V.ERROR, fault=_INTERRUPTED)
    return Recovery(action=_AGAIN.get(task))
