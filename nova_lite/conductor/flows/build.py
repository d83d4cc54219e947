# SPDX-License-Identifier: Apache-2.0
"""From an accepted request to a running guest.

A host that cannot build, or that does not answer, is left for the next alternate. Ports and
volumes are kept then and bound to the next host.
"""

from typing import Any, Final

from nova_lite.conductor.run import Done, Flow, NextHost, Run, Step
from nova_lite.conductor.steps import compute, place, ports, volumes
from nova_lite.conductor.steps.place import times
from nova_lite.domain import errors, lifecycle
from nova_lite.domain.flow_run import Trouble
from nova_lite.domain.instance import InstancePatch
from nova_lite.domain.states import Action, VmState

SCHEDULER_PATIENCE: Final = 60.0
SERVICE_PATIENCE: Final = 30.0
HOST_PATIENCE: Final = 12.0  # then the host counts as dead and another one is tried

# Another host may do better.
RETRYABLE: Final = (
    errors.FaultedBuild,
    errors.RpcTimeout,
    errors.RpcTooLate,
    errors.RpcUnreachable,
    errors.HypervisorUnavailable,
    errors.HostNetworkUnavailable,
    errors.NetworkNotOnHost,
    errors.GuestOperationFailed,
    errors.RemoteError,
)
# How often a server may meet members of its group that were placed a moment before.
GROUP_TRIES: Final = 20
ON_HOST: Final = ("ports", "attach", "spawn", "activate")


def _elsewhere(run: Run, error: Exception) -> bool:
    if isinstance(error, errors.GroupPolicyBroken):
        return times(run) < GROUP_TRIES
    return isinstance(error, RETRYABLE) and run.record.step in ON_HOST


def _failed(run: Run, trouble: Trouble) -> Done:
    state = lifecycle.failed(Action.CREATE, VmState.BUILDING)
    patch = InstancePatch(vm_state=state, task_state=None, host=None, node=None, vifs=[])
    return Done(patch=patch)


def _superseded(run: Run) -> Done:
    """What was built is gone again, so that the server has no host."""
    patch = InstancePatch(host=None, node=None, availability_zone=None, vifs=[])
    return Done(patch=patch)


def _seconds(conf: Any) -> float:
    return float(conf.instance_build_timeout or 2 * conf.long_rpc_timeout)


BUILD: Final = Flow(
    "build",
    (
        Step("choose_host", place.choose_host, stored=False, patience=SCHEDULER_PATIENCE),
        Step("claim", place.claim, undo=place.release_claim, patience=SCHEDULER_PATIENCE,
             event="conductor_schedule_and_build_instances"),
        Step("ports", ports.allocate_and_bind, undo=ports.release, when=place.has_networks,
             patience=SERVICE_PATIENCE, kept=True),
        Step("volumes", volumes.make, undo=volumes.remove_made, when=place.has_volumes,
             patience=SERVICE_PATIENCE, kept=True),
        Step("attach", volumes.attach, undo=volumes.detach, when=place.has_volumes,
             patience=SERVICE_PATIENCE),
        Step("spawn", compute.spawn, undo=compute.destroy_or_leave, stored=False,
             patience=HOST_PATIENCE, event="compute__do_build_and_run_instance"),
        Step("activate", compute.activate),
    ),
    failed=_failed,
    seconds=_seconds,
    superseded=_superseded,
    retry=NextHost("choose_host", wants=_elsewhere, again=place.unplaced),
)  # fmt: skip
