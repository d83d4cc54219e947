# SPDX-License-Identifier: Apache-2.0
"""Rebuild: the guest is made anew where it is, maybe of another image.

Until the host has begun, everything can be taken back: then the guest is as it was, and the
server says so (its image is the former one), in ERROR with a fault.
"""

from typing import Any, Final

import msgspec
from msgspec.structs import replace

from nova_lite.base import clock
from nova_lite.conductor.flows.power import shutdown_timeout
from nova_lite.conductor.run import Done, Flow, Run, Step
from nova_lite.conductor.steps import compute
from nova_lite.db.api import request_specs
from nova_lite.db.engine import Tx
from nova_lite.domain import errors, lifecycle, rebuild, refusals
from nova_lite.domain.flow_run import Trouble
from nova_lite.domain.instance import InstancePatch
from nova_lite.domain.request import RequestSpec, SelectRequest
from nova_lite.domain.states import Action, PowerState, TaskState, VmState
from nova_lite.rpc.contracts.compute import BuildResult

SCHEDULER_PATIENCE: Final = 60.0
HOST_PATIENCE: Final = 60.0
GIB: Final = 2**30


def _other_image(run: Run) -> bool:
    return bool(run.progress.params["former"]["image_ref"] != run.instance.image_ref)


def _spec(run: Run) -> RequestSpec | None:
    with run.deps.databases.read_api() as tx:
        return request_specs.get(tx, run.instance.uuid)


def _check(run: Run) -> None:
    """Whether the server's own host can run the new image. Raises NoValidHost."""
    spec = _spec(run)
    if spec is None:
        raise errors.BuildAborted(
            instance_id=run.instance.uuid, reason="its request spec is not there"
        )
    wanted = replace(
        rebuild.spec_with_image(spec, run.instance.image_properties),
        forced_host=None,
        forced_node=None,
        requested_host=run.instance.host,
        requested_node=run.instance.node,
        group=None,
        resources={},
    )
    request = SelectRequest(spec=wanted, uuids=[run.instance.uuid], alternates=0, rebuild=True)
    selected = run.deps.clients.scheduler.select(run.context, request=request)
    if not selected.selections or not selected.selections[0].hosts:
        raise refusals.no_valid_host(selected)


def _write_spec(run: Run, properties: dict[str, str]) -> None:
    def write(tx: Tx) -> None:
        spec = request_specs.get(tx, run.instance.uuid)
        if spec is not None:
            changed = rebuild.spec_with_image(spec, properties)
            request_specs.update(tx, run.instance.uuid, changed)

    run.deps.databases.run_api(write, idempotent=True)


def _new_spec(run: Run) -> None:
    """Later moves go by the new image."""
    _write_spec(run, run.instance.image_properties)


def _former_spec(run: Run) -> None:
    _write_spec(run, run.progress.params["former"]["image_properties"])


def _fetch(run: Run) -> Done:
    """The image is on the host, and fits, before anything is touched."""
    root_gb = run.instance.flavor.root_gb
    compute.of(run).cache_image(
        run.context,
        image_id=run.instance.image_ref,
        max_virtual_size=root_gb * GIB if root_gb else None,
    )
    return Done(patch=InstancePatch(task_state=TaskState.REBUILD_BLOCK_DEVICE_MAPPING))


def _prepare(run: Run) -> Done:
    """Volumes stay attached. From here on there is no way back."""
    return Done(patch=InstancePatch(task_state=TaskState.REBUILD_SPAWNING))


def _spawn(run: Run) -> Done:
    ran = run.record.before == VmState.ACTIVE
    built = compute.of(run).rebuild(
        run.context,
        instance=run.instance,
        token=run.record.id,
        timeout=shutdown_timeout(run) if ran else 0,
        preserve_ephemeral=bool(run.progress.params.get("preserve_ephemeral")),
        start=run.record.before != VmState.STOPPED,
        admin_pass=run.secrets.get("admin_pass"),
        files=compute.files_of(run),
    )
    return Done(result=msgspec.to_builtins(built))


def _finish(run: Run) -> Done:
    built = msgspec.convert(run.result("spawn"), BuildResult)
    patch = InstancePatch(
        vm_state=lifecycle.succeeded(Action.REBUILD, VmState(run.record.before)),
        task_state=None,
        power_state=built.power_state,
        launched_at=clock.now(),
        root_device_name=built.root_device_name or run.instance.root_device_name,
        progress=100,
    )
    patch = compute.with_devices(run, patch, built)
    return Done(patch=replace(patch, vifs=built.vifs) if built.vifs else patch)


def _failed(run: Run, trouble: Trouble) -> Done:
    """With the former image where the guest is the former one."""
    power = compute.power_state(run)
    state = lifecycle.failed(Action.REBUILD, VmState(run.record.before), power)
    patch = InstancePatch(vm_state=state, task_state=None)
    if power is not None and power is not PowerState.NOSTATE:
        patch = replace(patch, power_state=power)
    early = run.flow.index(run.record.step) <= run.flow.index("prepare")
    if early or trouble.code == errors.BuildAborted.code:
        patch = replace(patch, **run.progress.params["former"])
        if _other_image(run):
            _former_spec(run)
    return Done(patch=patch)


def _seconds(conf: Any) -> float:
    return 2 * float(conf.long_rpc_timeout) + float(conf.shutdown_timeout)


REBUILD: Final = Flow(
    "rebuild",
    (
        Step("check", _check, when=_other_image, stored=False, patience=SCHEDULER_PATIENCE,
             event="conductor_rebuild_instance"),
        Step("spec", _new_spec, undo=_former_spec, when=_other_image, stored=False),
        Step("fetch", _fetch, patience=HOST_PATIENCE),
        Step("prepare", _prepare, no_return=True),
        Step("spawn", _spawn, stored=False, patience=HOST_PATIENCE,
             event="compute_rebuild_instance"),
        Step("finish", _finish),
    ),
    failed=_failed,
    seconds=_seconds,
)  # fmt: skip
