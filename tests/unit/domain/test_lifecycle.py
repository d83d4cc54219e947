# SPDX-License-Identifier: Apache-2.0
"""The whole product of action, vm_state and task_state, against a table that a reviewer reads.

After a change of a rule, write the table anew and look at the difference:

    python -m tests.unit.domain.test_lifecycle
"""

from pathlib import Path

import pytest

from nova_lite.domain import errors, lifecycle, recovery
from nova_lite.domain.lifecycle import RULES, Snapshot
from nova_lite.domain.states import Action, PowerState, TaskState, VmState

GOLDEN = Path(__file__).with_name("lifecycle_golden.txt")
TASKS: tuple[TaskState | None, ...] = (None, *TaskState)


def allowed(action: Action, vm: VmState, task: TaskState | None) -> bool:
    """For a server that was launched, has a host and is not locked."""
    seen = Snapshot(uuid="u", vm_state=vm, task_state=task, launched=True, host="h")
    try:
        lifecycle.check(action, seen)
    except errors.InstanceStateConflict:
        return False
    return True


def product() -> str:
    """One line for each action and vm_state in which anything is allowed."""
    lines = []
    for action in Action:
        for vm in VmState:
            tasks = [task for task in TASKS if allowed(action, vm, task)]
            if not tasks:
                continue
            doing = sorted({str(lifecycle.doing(action, task)) for task in tasks})
            words = "any" if len(tasks) == len(TASKS) else " ".join(str(task) for task in tasks)
            during = "as it was" if len(doing) > 1 else doing[0]
            lines.append(
                f"{action:28} {vm:18} -> {during:24} -> {lifecycle.succeeded(action, vm):18} "
                f"else {lifecycle.failed(action, vm):18} when {words}"
            )
    return "\n".join(line.rstrip() for line in lines) + "\n"


def test_the_product_is_as_it_was_reviewed() -> None:
    assert product() == GOLDEN.read_text(encoding="utf-8")


def test_every_action_has_one_rule() -> None:
    assert [rule.action for rule in RULES] == list(dict.fromkeys(rule.action for rule in RULES))
    assert {rule.action for rule in RULES} == set(Action)


@pytest.mark.parametrize("vm", VmState)
def test_every_state_can_be_left(vm: VmState) -> None:
    ways = [a for a in Action if allowed(a, vm, None) and lifecycle.succeeded(a, vm) != vm]
    assert ways


@pytest.mark.parametrize("action", Action)
def test_what_begins_ends(action: Action) -> None:
    """After success and after failure the vm_state is one in which something can be done."""
    for vm in VmState:
        if any(allowed(action, vm, task) for task in TASKS):
            assert lifecycle.succeeded(action, vm) in VmState
            assert lifecycle.failed(action, vm) in VmState


@pytest.mark.parametrize("task", TaskState)
@pytest.mark.parametrize("vm", VmState)
def test_every_doing_state_has_a_recovery(vm: VmState, task: TaskState) -> None:
    way = recovery.recover(vm, task)
    if way.action is not None:
        after = way.vm_state or vm
        seen = Snapshot(uuid="u", vm_state=after, launched=True, host="h")
        begun = way.action in (Action.FORCE_DELETE, Action.DELETE) or allowed(
            way.action, after, None
        )
        # Where the action does not fit the state, clearing the task is all that can be done.
        assert begun or after not in (lifecycle.BY_ACTION[way.action].vm or ()), seen


def test_messages_name_the_action_as_the_api_does() -> None:
    seen = Snapshot(uuid="u", vm_state=VmState.ACTIVE, task_state=TaskState.PAUSING, launched=True)
    with pytest.raises(errors.InstanceStateConflict) as refused:
        lifecycle.check(Action.STOP, seen)
    assert refused.value.message == ("Cannot 'stop' instance u while it is in task_state pausing")


def test_lock_comes_first_and_not_for_administrators() -> None:
    seen = Snapshot(uuid="u", vm_state=VmState.STOPPED, locked_by="owner", launched=True)
    with pytest.raises(errors.InstanceIsLocked):
        lifecycle.check(Action.PAUSE, seen)
    with pytest.raises(errors.InstanceStateConflict):
        lifecycle.check(Action.PAUSE, seen, is_admin=True)


def test_never_launched_and_without_host() -> None:
    seen = Snapshot(uuid="u", vm_state=VmState.ACTIVE)
    with pytest.raises(errors.InstanceStateConflict, match="launched_at None"):
        lifecycle.check(Action.PAUSE, seen)
    seen = Snapshot(uuid="u", vm_state=VmState.ACTIVE, launched=True)
    with pytest.raises(errors.InstanceNotReady):
        lifecycle.check(Action.PAUSE, seen)


@pytest.mark.parametrize(
    ("action", "before", "power", "after"),
    [
        (Action.REBOOT, VmState.ACTIVE, PowerState.RUNNING, VmState.ACTIVE),
        (Action.REBOOT, VmState.ACTIVE, PowerState.SHUTDOWN, VmState.ERROR),
        (Action.REBOOT, VmState.ACTIVE, None, VmState.ERROR),
        (Action.PAUSE, VmState.ACTIVE, None, VmState.ACTIVE),
        (Action.RESUME, VmState.SUSPENDED, None, VmState.ERROR),
        (Action.REBOOT_HARD, VmState.STOPPED, PowerState.SHUTDOWN, VmState.STOPPED),
    ],
)
def test_failures(
    action: Action, before: VmState, power: PowerState | None, after: VmState
) -> None:
    assert lifecycle.failed(action, before, power) is after


@pytest.mark.parametrize(
    ("vm", "power", "action"),
    [
        (VmState.ACTIVE, PowerState.SHUTDOWN, Action.FORCE_STOP),
        (VmState.ACTIVE, PowerState.CRASHED, Action.FORCE_STOP),
        (VmState.ACTIVE, PowerState.SUSPENDED, Action.FORCE_STOP),
        (VmState.ACTIVE, PowerState.RUNNING, None),
        (VmState.ACTIVE, PowerState.PAUSED, None),
        (VmState.STOPPED, PowerState.RUNNING, Action.FORCE_STOP),
        (VmState.STOPPED, PowerState.SHUTDOWN, None),
        (VmState.PAUSED, PowerState.SHUTDOWN, Action.FORCE_STOP),
        (VmState.PAUSED, PowerState.PAUSED, None),
        (VmState.ERROR, PowerState.SHUTDOWN, None),
        (VmState.SUSPENDED, PowerState.RUNNING, None),
    ],
)
def test_what_is_done_about_a_guest(vm: VmState, power: PowerState, action: Action | None) -> None:
    assert lifecycle.from_power(vm, power).action is action


def test_statuses_and_states_agree() -> None:
    for vm in VmState:
        for task in TASKS:
            word = lifecycle.status(vm, task)
            pairs = lifecycle.states_of(word.lower()) or []
            assert any(vm is v and task in tasks for v, tasks in pairs), (vm, task, word)
    assert lifecycle.states_of("nonsense") is None
    assert lifecycle.status(VmState.ACTIVE, None, deleted=True) == "DELETED"


if __name__ == "__main__":
    GOLDEN.write_text(product(), encoding="utf-8")
