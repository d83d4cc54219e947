# SPDX-License-Identifier: Apache-2.0
"""Puts servers right that are marked busy although no flow works on them."""

import logging
from collections.abc import Callable

from nova_lite.base import clock
from nova_lite.base.context import service_context
from nova_lite.conductor.deps import Deps
from nova_lite.db.cell import faults, flow_runs, instances
from nova_lite.db.cell.instances import Brief
from nova_lite.db.engine import Tx
from nova_lite.domain import errors, recovery
from nova_lite.domain.cell import Cell
from nova_lite.domain.instance import Expect, Fault, InstancePatch
from nova_lite.domain.states import TaskState, VmState

LOG = logging.getLogger(__name__)


class Recoverer:
    """What becomes of each is said in domain/recovery.py."""

    def __init__(self, deps: Deps, begin: Callable[..., None]) -> None:
        """`begin`: begin_action of the contract."""
        self._deps = deps
        self._begin = begin

    def of_host(self, cell: Cell, host: str) -> None:
        """All such servers of a host."""
        for brief in self.without_run(cell, host=host):
            self.recover(cell, brief)

    def without_run(self, cell: Cell, host: str | None = None) -> list[Brief]:
        """Servers that are busy and have no run."""
        with self._deps.databases.read_cell(cell) as tx:
            busy = instances.briefs(tx, host=host, busy=True)
            runs = flow_runs.instances(tx) if busy else {}
        return [brief for brief in busy if brief.uuid not in runs]

    def recover(self, cell: Cell, brief: Brief) -> None:
        """Put one right; somebody else may be quicker."""
        vm, task = VmState(brief.vm_state), TaskState(brief.task_state or "")
        way = recovery.recover(vm, task)
        LOG.warning("instance %s is %s and nobody works on it: %s", brief.uuid, task, way)
        patch = InstancePatch(task_state=None)
        if way.vm_state is not None:
            patch = InstancePatch(task_state=None, vm_state=way.vm_state)

        def write(tx: Tx) -> None:
            instances.update_if(tx, brief.uuid, Expect(vm_states=[vm], task_states=[task]), patch)
            if flow_runs.of_instance(tx, brief.uuid):
                raise errors.InstanceChanged(instance_id=brief.uuid, expected="idle", actual="run")
            if way.fault is not None:
                fault = Fault(code=500, message=way.fault, created_at=clock.now())
                instances.patch(tx, [brief.uuid], InstancePatch(), fault=True)
                faults.insert(tx, brief.uuid, fault)

        try:
            self._deps.databases.run_cell(cell, write)
            if way.action is not None:
                self._begin(service_context(), uuid=brief.uuid, action=way.action, params={})
        except (errors.Conflict, errors.NotFound) as error:
            LOG.info("instance %s: %s", brief.uuid, error.message)
