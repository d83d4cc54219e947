# SPDX-License-Identifier: Apache-2.0
"""What a compute host is asked to do. Its methods are safe to call twice."""

from typing import Any, Final

import msgspec

from nova_lite.base import clock
from nova_lite.conductor.run import Done, Run
from nova_lite.conductor.steps import volumes
from nova_lite.domain import errors
from nova_lite.domain.guestdata.value import GuestFile
from nova_lite.domain.instance import InstancePatch
from nova_lite.domain.states import PowerState, VmState
from nova_lite.rpc.contracts.compute import BuildResult, PowerResult

FILES: Final = "files"  # the parameter of a run that holds them
POWER_STATE_TIMEOUT: Final = 10.0  # seconds for asking how a guest is after a failure


def of(run: Run) -> Any:
    """The client of the server's host, limited by the run's deadline. Raises InstanceNotReady."""
    host = run.instance.host
    if host is None:
        raise errors.InstanceNotReady(instance_id=run.instance.uuid)
    limit = min(run.remaining(), float(run.deps.conf.long_rpc_timeout))
    return run.deps.clients.compute(host).options(timeout=limit)


def files_of(run: Run) -> list[GuestFile] | None:
    """Those that the user wants in the guest."""
    return msgspec.convert(run.progress.params.get(FILES), list[GuestFile] | None)


def spawn(run: Run) -> Done:
    """Make and start the guest."""
    built = of(run).build(
        run.context,
        instance=run.instance,
        admin_pass=run.secrets.get("admin_pass"),
        files=files_of(run),
    )
    volumes.complete(run)
    return Done(result=msgspec.to_builtins(built))


def activate(run: Run) -> Done:
    """The end of a build: the server is what was asked for."""
    built = msgspec.convert(run.result("spawn"), BuildResult)
    patch = InstancePatch(
        vm_state=VmState.ACTIVE,
        task_state=None,
        power_state=built.power_state,
        launched_at=clock.now(),
        progress=100,
    )
    patch = with_devices(run, patch, built)
    changes: dict[str, Any] = {}
    if built.vifs and built.vifs != run.instance.vifs:
        changes["vifs"] = built.vifs
    if built.root_device_name and built.root_device_name != run.instance.root_device_name:
        changes["root_device_name"] = built.root_device_name
    return Done(patch=msgspec.structs.replace(patch, **changes) if changes else patch)


def with_devices(run: Run, patch: InstancePatch, seen: BuildResult | PowerResult) -> InstancePatch:
    """The patch, with where the devices are that have a tag, if the host has seen that they are
    elsewhere now."""
    if seen.devices is None or seen.devices == run.instance.device_addresses:
        return patch
    return msgspec.structs.replace(patch, device_addresses=seen.devices)


def destroy(run: Run) -> None:
    """Remove the guest, if the server has a host. Raises when the host does not answer."""
    if run.instance.host is not None:
        of(run).destroy(run.context, instance=run.instance)


def destroy_or_leave(run: Run) -> None:
    """Undo of a build. A host that does not answer removes the guest itself when it is back:
    the guest is not among the host's servers then."""
    try:
        destroy(run)
    except (errors.RpcTimeout, errors.RpcTooLate, errors.RpcUnreachable):
        return


def power_state(run: Run) -> PowerState | None:
    """How the guest is now; None when nobody knows."""
    if run.instance.host is None:
        return None
    client = run.deps.clients.compute(run.instance.host).options(timeout=POWER_STATE_TIMEOUT)
    try:
        seen = client.get_power_state(run.context, instance=run.instance)
    except errors.NovaLiteError:
        return None
    return PowerState(seen.power_state)
