# SPDX-License-Identifier: Apache-2.0
"""A server goes: guest, volumes, ports, allocation, quota, and at last its row.

Works in every state. What was going on is told to stop and waited for, so that nothing is made
behind the back of the deletion. A host that does not answer for a while is not waited for: it
removes the guest itself when it comes back.
"""

from typing import Any, Final

from msgspec.structs import replace

from nova_lite.base import clock
from nova_lite.conductor import host_status
from nova_lite.conductor.run import Again, Done, Flow, Run, Step
from nova_lite.conductor.steps import compute, images, ports, volumes
from nova_lite.db.api import allocations, instance_mappings, quotas
from nova_lite.db.cell import console_tokens, flow_runs, instances
from nova_lite.db.engine import Tx
from nova_lite.domain import errors, lifecycle, shelving
from nova_lite.domain.flow_run import Trouble
from nova_lite.domain.instance import InstancePatch
from nova_lite.domain.states import VmState

PATIENCE: Final = 30.0  # seconds for services that do not answer
SETTLING: Final = 60.0  # seconds for a preempted run to undo itself
POLL: Final = 0.25
DEADLINE: Final = 3600.0


def _preempted(run: Run) -> bool:
    return bool(run.progress.preempts)


def _settle(run: Run) -> Again | None:
    """Wait for the runs that were told to stop. What they do on the host is cut short."""
    with run.deps.databases.read_cell(run.cell) as tx:
        left = flow_runs.exist(tx, run.progress.preempts)
    if not left or _waited(run) > SETTLING:
        return None
    if run.instance.host is not None and not run.secrets.get("cut short"):
        run.secrets["cut short"] = True
        compute.destroy_or_leave(run)
    return Again(POLL)


def _waited(run: Run) -> float:
    since = run.secrets.setdefault("settling since", clock.monotonic())
    return clock.monotonic() - float(since)


def _refresh(run: Run) -> None:
    """The instance as the preempted run left it. Its host is asked again to remove the guest:
    the run may not have reached it."""
    with run.deps.databases.read_cell(run.cell) as tx:
        found = instances.get(tx, run.instance.uuid, deleted=None)
    run.instance = replace(found, host=found.host or run.instance.host)


def _destroy(run: Run) -> None:
    try:
        compute.destroy(run)
    except (errors.RpcTimeout, errors.RpcTooLate, errors.RpcUnreachable):
        if _is_up(run) and run.pause(PATIENCE) is not None:
            raise


def _is_up(run: Run) -> bool:
    with run.deps.databases.read_cell(run.cell) as tx:
        return host_status.is_up(tx, run.deps.conf, run.instance.host or "")


def _release_volumes(run: Run) -> None:
    volumes.release(run)


def _release_ports(run: Run) -> None:
    ports.release(run)


def _is_shelved(run: Run) -> bool:
    return shelving.image_of(run.instance) is not None


def _forget_shelved_image(run: Run) -> None:
    images.forget(run, shelving.image_of(run.instance))


def _give_back(run: Run) -> None:
    """Allocation and quota, with the mapping that says so, in one transaction."""
    uuid = run.instance.uuid

    def give(tx: Tx) -> None:
        mapping = instance_mappings.mark_deleted(tx, uuid)
        allocations.release(tx, uuid)
        if mapping is not None:
            quotas.release(tx, mapping.project_id, mapping.amounts)

    run.deps.databases.run_api(give, idempotent=True)


def _forget(run: Run) -> Done:
    def write(tx: Tx) -> None:
        instances.soft_delete(tx, run.instance.uuid)
        console_tokens.delete_of(tx, run.instance.uuid)

    return Done(write=write)


def _failed(run: Run, trouble: Trouble) -> Done:
    state = lifecycle.failed(run.record.action, VmState(run.record.before))
    return Done(patch=InstancePatch(vm_state=state, task_state=None))


def _has_volumes(run: Run) -> bool:
    return bool(volumes.of_volumes(run))


def _seconds(conf: Any) -> float:
    return DEADLINE


DELETE: Final = Flow(
    "delete",
    (
        Step("settle", _settle, when=_preempted, stored=False),
        Step("refresh", _refresh, when=_preempted, stored=False),
        Step("destroy", _destroy, stored=False, patience=PATIENCE,
             event="compute_terminate_instance"),
        Step("volumes", _release_volumes, when=_has_volumes, stored=False, patience=PATIENCE),
        Step("ports", _release_ports, stored=False, patience=PATIENCE),
        Step("shelved_image", _forget_shelved_image, when=_is_shelved, stored=False),
        Step("give_back", _give_back, stored=False),
        Step("forget", _forget),
    ),
    failed=_failed,
    seconds=_seconds,
)  # fmt: skip
