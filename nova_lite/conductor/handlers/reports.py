# SPDX-License-Identifier: Apache-2.0
"""What compute hosts tell: guests that changed by themselves, services that came back."""

import logging

from nova_lite.base import concurrency
from nova_lite.base.context import RequestContext, bound
from nova_lite.conductor.cells import Cells
from nova_lite.conductor.deps import Deps
from nova_lite.conductor.handlers.actions import ActionHandlers
from nova_lite.conductor.recovering import Recoverer
from nova_lite.conductor.runner import Runner
from nova_lite.db.cell import instances
from nova_lite.domain import errors, lifecycle
from nova_lite.domain.instance import Expect, InstancePatch
from nova_lite.domain.states import PowerState

LOG = logging.getLogger(__name__)


class ReportHandlers:
    def __init__(
        self,
        deps: Deps,
        cells: Cells,
        runner: Runner,
        actions: ActionHandlers,
        recoverer: Recoverer,
    ) -> None:
        self._deps = deps
        self._cells = cells
        self._runner = runner
        self._actions = actions
        self._recoverer = recoverer

    def power_changed(
        self, context: RequestContext, *, host: str, uuid: str, power_state: PowerState
    ) -> None:
        """Nothing is done while the server is busy: its flow will write what it sees."""
        try:
            cell, found = self._cells.find(context, uuid)
        except errors.InstanceNotFound:
            return
        if found.host != host or found.task_state is not None:
            return
        if found.power_state != power_state:
            expect = Expect(vm_states=[found.vm_state], task_states=[found.task_state], host=host)
            patch = InstancePatch(power_state=power_state)
            try:
                self._deps.databases.run_cell(
                    cell, lambda tx: instances.update_if(tx, uuid, expect, patch)
                )
            except (errors.InstanceChanged, errors.InstanceNotFound):
                return
        self._reconcile(context, uuid, found.vm_state, power_state)

    def _reconcile(
        self, context: RequestContext, uuid: str, vm: lifecycle.VmState, power: PowerState
    ) -> None:
        verdict = lifecycle.from_power(vm, power)
        if verdict.warn is not None:
            LOG.warning("instance %s %s", uuid, verdict.warn)
        if verdict.action is None:
            return
        LOG.info("instance %s is %s but its guest %s: %s", uuid, vm, power.name, verdict.action)
        try:
            self._actions.begin_action(context.admin(), uuid=uuid, action=verdict.action, params={})
        except (errors.Conflict, errors.NotFound) as error:
            LOG.info("instance %s: %s", uuid, error.message)

    def host_restarted(self, context: RequestContext, *, host: str) -> None:
        """Runs that wait for this host go on; servers that nobody works on are put right."""
        self._runner.wake(host=host)
        cell = self._cells.of_host(host)
        if cell is not None:
            concurrency.spawn(bound(self._recoverer.of_host), cell, host)
