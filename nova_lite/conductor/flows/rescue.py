# SPDX-License-Identifier: Apache-2.0
"""Rescue: the guest boots from another image, with its own disk beside; and back."""

import datetime as dt
from typing import Any, Final

import msgspec

from nova_lite.base import clock
from nova_lite.conductor.flows.power import shutdown_timeout
from nova_lite.conductor.run import Done, Flow, Run, Step
from nova_lite.conductor.steps import compute
from nova_lite.domain import errors, lifecycle
from nova_lite.domain.flow_run import Trouble
from nova_lite.domain.instance import Instance, InstancePatch
from nova_lite.domain.states import Action, PowerState, VmState
from nova_lite.rpc.contracts.compute import PowerResult

PATIENCE: Final = 60.0
GRACE: Final = 300.0  # seconds on top of what fetching the image and powering off may take
# In the system metadata of a rescued server: since when.
SINCE: Final = "rescued_at"
RUNS: Final = (VmState.ACTIVE, VmState.PAUSED)


def rescued_at(instance: Instance) -> dt.datetime | None:
    text = instance.system_metadata.get(SINCE)
    return dt.datetime.fromisoformat(text) if text else None


def _rescue(run: Run) -> Done:
    result = compute.of(run).rescue(
        run.context,
        instance=run.instance,
        timeout=shutdown_timeout(run) if run.record.before == VmState.ACTIVE else 0,
        image_id=run.progress.params.get("image_ref"),
        admin_pass=run.secrets.get("admin_pass"),
    )
    return Done(result=msgspec.to_builtins(result))


def _back(run: Run) -> None:
    """Undo. A host that does not answer is left: the server is in ERROR then, and a hard reboot
    brings it back to its own disk."""
    try:
        start = VmState(run.record.before) in RUNS
        compute.of(run).unrescue(run.context, instance=run.instance, start=start)
    except (errors.RpcTimeout, errors.RpcTooLate, errors.RpcUnreachable, errors.GuestNotFound):
        return


def _rescued(run: Run) -> Done:
    seen = msgspec.convert(run.result("rescue"), PowerResult)
    patch = InstancePatch(
        vm_state=lifecycle.succeeded(Action.RESCUE, VmState(run.record.before)),
        task_state=None,
        power_state=seen.power_state,
        system_metadata={**run.instance.system_metadata, SINCE: clock.now().isoformat()},
    )
    return Done(patch=compute.with_devices(run, patch, seen))


def _unrescue(run: Run) -> Done:
    result = compute.of(run).unrescue(run.context, instance=run.instance)
    return Done(result=msgspec.to_builtins(result))


def _unrescued(run: Run) -> Done:
    seen = msgspec.convert(run.result("unrescue"), PowerResult)
    kept = {key: text for key, text in run.instance.system_metadata.items() if key != SINCE}
    patch = InstancePatch(
        vm_state=lifecycle.succeeded(Action.UNRESCUE, VmState(run.record.before)),
        task_state=None,
        power_state=seen.power_state,
        system_metadata=kept,
    )
    return Done(patch=compute.with_devices(run, patch, seen))


def _failed(run: Run, trouble: Trouble) -> Done:
    power = compute.power_state(run)
    state = lifecycle.failed(run.record.action, VmState(run.record.before), power)
    patch = InstancePatch(vm_state=state, task_state=None)
    if power is not None and power is not PowerState.NOSTATE:
        patch = msgspec.structs.replace(patch, power_state=power)
    return Done(patch=patch)


def _seconds(conf: Any) -> float:
    return GRACE + float(conf.shutdown_timeout) + float(conf.long_rpc_timeout)


RESCUE: Final = Flow(
    "rescue",
    (
        Step("rescue", _rescue, undo=_back, stored=False, patience=PATIENCE,
             event="compute_rescue_instance"),
        Step("finish", _rescued),
    ),
    failed=_failed,
    seconds=_seconds,
)  # fmt: skip

UNRESCUE: Final = Flow(
    "unrescue",
    (
        Step("unrescue", _unrescue, stored=False, patience=PATIENCE,
             event="compute_unrescue_instance"),
        Step("finish", _unrescued),
    ),
    failed=_failed,
    seconds=_seconds,
)  # fmt: skip
