# SPDX-License-Identifier: Apache-2.0
"""One flow for all plain verbs: ask the host, then write what the life-cycle table says.

A host that does not answer is asked again until the deadline: the verbs are idempotent.
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from nova_lite.base import clock
from nova_lite.conductor import requota
from nova_lite.conductor.run import Done, Flow, Run, Step
from nova_lite.conductor.steps import compute
from nova_lite.domain import lifecycle
from nova_lite.domain.flow_run import Trouble
from nova_lite.domain.instance import InstancePatch
from nova_lite.domain.states import Action, PowerState, VmState
from nova_lite.rpc.contracts.compute import PowerResult

GRACE: Final = 300.0  # seconds for a host to come back, on top of what the verb itself may take
FOREVER: Final = float("inf")  # until the deadline
SHUTDOWN_PROPERTY: Final = "os_shutdown_timeout"


def shutdown_timeout(run: Run) -> int:
    """What the image says, else the option."""
    text = run.instance.image_properties.get(SHUTDOWN_PROPERTY, "")
    return int(text) if text.isdecimal() else int(run.deps.conf.shutdown_timeout)


def _stop(run: Run) -> dict[str, Any]:
    return {"timeout": shutdown_timeout(run)}


def _cut(run: Run) -> dict[str, Any]:
    return {"timeout": 0, "graceful": False}


def _nothing(run: Run) -> dict[str, Any]:
    return {}


# action -> (method of the compute contract, what it is given beside the instance)
METHODS: Final[dict[Action, tuple[str, Callable[[Run], dict[str, Any]]]]] = {
    Action.START: ("start", _nothing),
    Action.STOP: ("stop", _stop),
    Action.FORCE_STOP: ("stop", _cut),
    Action.REBOOT: ("reboot", _nothing),
    Action.REBOOT_HARD: ("reboot_hard", _nothing),
    Action.PAUSE: ("pause", _nothing),
    Action.UNPAUSE: ("unpause", _nothing),
    Action.SUSPEND: ("suspend", _nothing),
    Action.RESUME: ("resume", _nothing),
    Action.SOFT_DELETE: ("stop", _cut),
    Action.RESTORE: ("start", _nothing),
}

# The names of events, where they are not the method's.
EVENTS: Final = {
    Action.SOFT_DELETE: "compute_soft_delete_instance",
    Action.RESTORE: "compute_restore_instance",
    Action.REBOOT_HARD: "compute_reboot_instance",
}


def _event(run: Run) -> str:
    action = run.record.action
    return EVENTS.get(action, f"compute_{METHODS[action][0]}_instance")


def _call(run: Run) -> Done:
    method, arguments = METHODS[run.record.action]
    call = getattr(compute.of(run), method)
    return Done(
        result=msgspec.to_builtins(call(run.context, instance=run.instance, **arguments(run)))
    )


def _is_soft_delete(run: Run) -> bool:
    return run.record.action is Action.SOFT_DELETE


def _give_back(run: Run) -> None:
    """A deleted server does not count, also when it can come back."""
    run.deps.databases.run_api(lambda tx: requota.give_back(tx, run.instance.uuid), idempotent=True)


def _finish(run: Run) -> Done:
    action = run.record.action
    seen = msgspec.convert(run.result("call"), PowerResult)
    patch = InstancePatch(
        vm_state=lifecycle.succeeded(action, VmState(run.record.before)),
        task_state=None,
        power_state=seen.power_state,
    )
    patch = compute.with_devices(run, patch, seen)
    if action is Action.SOFT_DELETE:
        patch = msgspec.structs.replace(patch, deleted_at=clock.now())
    elif action is Action.RESTORE:
        patch = msgspec.structs.replace(patch, deleted_at=None)
    return Done(patch=patch)


def _failed(run: Run, trouble: Trouble) -> Done:
    power = compute.power_state(run)
    state = lifecycle.failed(run.record.action, VmState(run.record.before), power)
    patch = InstancePatch(vm_state=state, task_state=None)
    if power is not None and power is not PowerState.NOSTATE:
        patch = msgspec.structs.replace(patch, power_state=power)
    return Done(patch=patch)


def _seconds(conf: Any) -> float:
    return GRACE + float(conf.shutdown_timeout)


POWER: Final = Flow(
    "power",
    (
        Step("call", _call, stored=False, patience=FOREVER, event=_event),
        Step("requota", _give_back, when=_is_soft_delete, stored=False),
        Step("finish", _finish),
    ),
    failed=_failed,
    seconds=_seconds,
)
