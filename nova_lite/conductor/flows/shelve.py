# SPDX-License-Identifier: Apache-2.0
"""A server goes on a shelf: its disk becomes an image, then its host is free for others; and back.

A shelved server is off and still has its host; one that is offloaded has none, and its image,
addresses and volumes wait. Up to the moment at which the image is complete everything is taken
back; what comes after can be done later, by an offload.
"""

from typing import Any, Final

import msgspec
from msgspec.structs import replace

from nova_lite.base import clock
from nova_lite.conductor.flows.build import HOST_PATIENCE, RETRYABLE, SCHEDULER_PATIENCE
from nova_lite.conductor.flows.power import shutdown_timeout
from nova_lite.conductor.run import Done, Flow, NextHost, Run, Step
from nova_lite.conductor.steps import compute, images, place, volumes
from nova_lite.db.api import request_specs
from nova_lite.db.engine import Tx
from nova_lite.domain import errors, shelving
from nova_lite.domain.flow_run import Trouble
from nova_lite.domain.instance import InstancePatch
from nova_lite.domain.states import PowerState, TaskState, VmState
from nova_lite.rpc.contracts.compute import PowerResult

PATIENCE: Final = 60.0
GRACE: Final = 300.0
ON_HOST: Final = ("ports", "attach", "spawn")


# --- on the shelf ---------------------------------------------------------------------------------


def _has_image(run: Run) -> bool:
    """False for a server that boots from a volume: that is kept as it is."""
    return run.instance.image_ref is not None


def _offloads(run: Run) -> bool:
    """At once."""
    return run.deps.conf.shelved_offload_time == 0 or not _has_image(run)


def _stop(run: Run) -> Done:
    seen = compute.of(run).stop(run.context, instance=run.instance, timeout=shutdown_timeout(run))
    return Done(result=msgspec.to_builtins(seen))


def _start_again(run: Run) -> None:
    """Undo: as it was. A host that does not answer leaves it off, which the power sync sees."""
    before = VmState(run.record.before)
    if before not in (VmState.ACTIVE, VmState.PAUSED):
        return
    try:
        compute.of(run).start(run.context, instance=run.instance)
        if before is VmState.PAUSED:
            compute.of(run).pause(run.context, instance=run.instance)
    except (errors.RpcTimeout, errors.RpcTooLate, errors.RpcUnreachable):
        return


def _shelved(run: Run) -> Done:
    """From here on it is shelved, whatever comes."""
    seen = msgspec.convert(run.result("stop"), PowerResult)
    mark = shelving.Mark(
        at=clock.now(),
        image_id=images.wish_of(run).image_id if _has_image(run) else None,
        host=run.instance.host,
    )
    task = TaskState.SHELVING_OFFLOADING if _offloads(run) else TaskState.SHELVING
    return Done(
        result={},
        patch=InstancePatch(
            vm_state=VmState.SHELVED,
            task_state=task,
            power_state=seen.power_state,
            system_metadata=shelving.marked(run.instance.system_metadata, mark),
        ),
    )


def _destroy(run: Run) -> None:
    compute.destroy(run)


def _free(run: Run) -> None:
    """What it took of its host is given back; its ports wait."""
    run.deps.network.unbind(run.context, run.instance)
    place.release_claim(run)


def _on_the_shelf(run: Run) -> Done:
    if not _offloads(run):
        return Done(patch=InstancePatch(task_state=None))
    return _off_the_host(run)


def _off_the_host(run: Run) -> Done:
    return Done(
        patch=InstancePatch(
            vm_state=VmState.SHELVED_OFFLOADED,
            task_state=None,
            power_state=PowerState.SHUTDOWN,
            host=None,
            node=None,
            availability_zone=None,
        )
    )


def _not_shelved(run: Run, trouble: Trouble) -> Done:
    """It is shelved already where only the offload failed."""
    if run.result("shelve") is not None:
        return Done(patch=InstancePatch(vm_state=VmState.SHELVED, task_state=None))
    power = compute.power_state(run)
    patch = InstancePatch(vm_state=VmState(run.record.before), task_state=None)
    if power is not None and power is not PowerState.NOSTATE:
        patch = replace(patch, power_state=power)
    return Done(patch=patch)


def _not_offloaded(run: Run, trouble: Trouble) -> Done:
    return Done(patch=InstancePatch(vm_state=VmState.SHELVED, task_state=None))


# --- and back -------------------------------------------------------------------------------------


def _on_host(run: Run) -> bool:
    return VmState(run.record.before) is VmState.SHELVED


def _offloaded(run: Run) -> bool:
    return not _on_host(run)


def _start(run: Run) -> Done:
    seen = compute.of(run).start(run.context, instance=run.instance)
    return Done(result=msgspec.to_builtins(seen))


def _choose_host(run: Run) -> Done:
    if "spec" not in run.secrets:
        run.secrets["spec"] = shelving.wanted_spec(
            place.spec_of(run), run.instance, run.progress.params
        )
    return place.choose_host(run)


def _networks(run: Run) -> bool:
    return _offloaded(run) and bool(run.instance.vifs)


def _bind(run: Run) -> Done:
    """Its ports, which were kept, go to the new host."""
    host = run.instance.host
    assert host is not None  # noqa: S101 - the step before wrote it
    vifs = run.deps.network.bind(run.context, run.instance, host)
    return Done(patch=InstancePatch(vifs=vifs))


def _volumes(run: Run) -> bool:
    return _offloaded(run) and place.has_volumes(run)


def _spawn(run: Run) -> Done:
    """Made of the image that was made of it."""
    image_id = shelving.image_of(run.instance)
    instance = replace(run.instance, image_ref=image_id) if image_id else run.instance
    built = compute.of(run).build(run.context, instance=instance)
    volumes.complete(run)
    return Done(result=msgspec.to_builtins(built))


def _forget_image(run: Run) -> None:
    """The image has done its work. One that cannot be deleted is left: the server runs."""
    images.forget(run, shelving.image_of(run.instance))


def _remember(run: Run) -> None:
    """Later moves go by the zone that the server is pinned to now."""
    zone = shelving.wanted_zone(run.instance, run.progress.params)

    def write(tx: Tx) -> None:
        spec = request_specs.get(tx, run.instance.uuid)
        if spec is not None:
            changed = replace(spec, availability_zone=zone, forced_host=None, forced_node=None)
            request_specs.update(tx, run.instance.uuid, changed)

    run.deps.databases.run_api(write, idempotent=True)


def _active(run: Run) -> Done:
    left = shelving.unmarked(run.instance.system_metadata)
    if _on_host(run):
        seen = msgspec.convert(run.result("start"), PowerResult)
        patch = InstancePatch(
            vm_state=VmState.ACTIVE, task_state=None, power_state=seen.power_state
        )
        patch = compute.with_devices(run, patch, seen)
        return Done(patch=replace(patch, system_metadata=left))
    done = compute.activate(run)
    assert done.patch is not None  # noqa: S101 - it always writes one
    zone = shelving.wanted_zone(run.instance, run.progress.params)
    return Done(patch=replace(done.patch, system_metadata=left, pinned_availability_zone=zone))


def _still_shelved(run: Run, trouble: Trouble) -> Done:
    before = VmState(run.record.before)
    patch = InstancePatch(vm_state=before, task_state=None)
    return Done(patch=patch if _on_host(run) else replace(patch, **_NOWHERE))


def _superseded(run: Run) -> Done:
    """What was built is gone again, unless it was complete."""
    if _on_host(run) or run.result("spawn") is not None:
        return Done()
    return Done(patch=InstancePatch(**_NOWHERE))


_NOWHERE: Final[dict[str, Any]] = {"host": None, "node": None, "availability_zone": None}


def _elsewhere(run: Run, error: Exception) -> bool:
    return isinstance(error, RETRYABLE) and run.record.step in ON_HOST


# --- the flows ------------------------------------------------------------------------------------


def _shelve_seconds(conf: Any) -> float:
    return images.SECONDS


def _offload_seconds(conf: Any) -> float:
    return GRACE


def _unshelve_seconds(conf: Any) -> float:
    return float(conf.instance_build_timeout or 2 * conf.long_rpc_timeout)


SHELVE: Final = Flow(
    "shelve",
    (
        Step("image", images.make, undo=images.remove, when=_has_image,
             patience=images.SERVICE_PATIENCE),
        Step("stop", _stop, undo=_start_again, patience=PATIENCE, event="compute_shelve_instance"),
        Step("take", images.take, undo=images.drop, when=_has_image,
             patience=images.HOST_PATIENCE),
        Step("offer", images.offer, when=_has_image, patience=images.SERVICE_PATIENCE),
        Step("upload", images.upload, when=_has_image, patience=images.HOST_PATIENCE),
        Step("shelve", _shelved, no_return=True),
        Step("destroy", _destroy, when=_offloads, stored=False, patience=PATIENCE,
             event="compute_shelve_offload_instance"),
        Step("free", _free, when=_offloads, stored=False, patience=PATIENCE),
        Step("finish", _on_the_shelf),
    ),
    failed=_not_shelved,
    seconds=_shelve_seconds,
)  # fmt: skip

SHELVE_OFFLOAD: Final = Flow(
    "shelve_offload",
    (
        Step("destroy", _destroy, stored=False, patience=PATIENCE,
             event="compute_shelve_offload_instance"),
        Step("free", _free, stored=False, patience=PATIENCE),
        Step("finish", _off_the_host),
    ),
    failed=_not_offloaded,
    seconds=_offload_seconds,
)  # fmt: skip

UNSHELVE: Final = Flow(
    "unshelve",
    (
        Step("start", _start, when=_on_host, patience=PATIENCE,
             event="compute_unshelve_instance"),
        Step("choose_host", _choose_host, when=_offloaded, stored=False,
             patience=SCHEDULER_PATIENCE),
        Step("claim", place.claim, undo=place.release_claim, when=_offloaded,
             patience=SCHEDULER_PATIENCE),
        Step("ports", _bind, when=_networks, patience=PATIENCE),
        Step("attach", volumes.attach, when=_volumes, patience=PATIENCE),
        Step("spawn", _spawn, undo=compute.destroy_or_leave, when=_offloaded,
             patience=HOST_PATIENCE, event="compute_unshelve_instance", no_return=True),
        Step("image", _forget_image, stored=False),
        Step("remember", _remember, when=_offloaded, stored=False),
        Step("activate", _active),
    ),
    failed=_still_shelved,
    seconds=_unshelve_seconds,
    superseded=_superseded,
    retry=NextHost("choose_host", wants=_elsewhere, again=place.unplaced),
)  # fmt: skip
