# SPDX-License-Identifier: Apache-2.0
"""Addresses and interfaces of a server."""

import msgspec
from msgspec.structs import replace

from nova_lite.conductor.run import Done, Run
from nova_lite.conductor.steps.place import has_volumes
from nova_lite.domain.devices import NetworkWish
from nova_lite.domain.instance import InstancePatch
from nova_lite.domain.states import TaskState


def wishes_of(run: Run) -> str | list[NetworkWish] | None:
    """`networks` of the create request, as it was asked."""
    return msgspec.convert(run.progress.params.get("networks"), str | list[NetworkWish] | None)


def allocate_and_bind(run: Run) -> Done:
    """Ports for the server, bound to its host. Found again if they are there already."""
    network, instance = run.deps.network, run.instance
    vifs = network.allocate(run.context, instance, wishes_of(run), instance.security_groups)
    assert instance.host is not None  # noqa: S101 - the step before wrote it
    vifs = network.bind(run.context, replace(instance, vifs=vifs), instance.host)
    task = TaskState.BLOCK_DEVICE_MAPPING if has_volumes(run) else TaskState.SPAWNING
    return Done(patch=InstancePatch(vifs=vifs, task_state=task))


def release(run: Run) -> None:
    """Give back all ports of the server."""
    run.deps.network.release(run.context, run.instance)
