# SPDX-License-Identifier: Apache-2.0
"""What is done with servers: the beginning of every action, and the record of them.

`begin_action` decides with one UPDATE. Where another one was quicker, the server is read again,
so that the refusal names the state it is in now.
"""

from collections.abc import Mapping
from typing import Any, Final

from msgspec.structs import replace

from nova_lite.base.context import RequestContext
from nova_lite.conductor import host_status, requota
from nova_lite.conductor.abilities import Abilities
from nova_lite.conductor.begin import action_of, record_of
from nova_lite.conductor.cells import Cells
from nova_lite.conductor.deps import Deps
from nova_lite.conductor.flows.delete import DELETE
from nova_lite.conductor.flows.inside import CRASH_DUMP, SET_PASSWORD
from nova_lite.conductor.flows.interfaces import ATTACH_INTERFACE, DETACH_INTERFACE
from nova_lite.conductor.flows.power import METHODS, POWER
from nova_lite.conductor.flows.rebuild import REBUILD
from nova_lite.conductor.flows.rescue import RESCUE, UNRESCUE
from nova_lite.conductor.flows.shelve import SHELVE, SHELVE_OFFLOAD, UNSHELVE
from nova_lite.conductor.flows.snapshot import CREATE_BACKUP, CREATE_IMAGE
from nova_lite.conductor.handlers import immediate, refusing
from nova_lite.conductor.run import Flow, Run
from nova_lite.conductor.run_store import patched
from nova_lite.conductor.runner import Runner
from nova_lite.db.cell import actions, flow_runs, instances
from nova_lite.db.engine import Tx
from nova_lite.domain import errors, lifecycle
from nova_lite.domain.cell import Cell
from nova_lite.domain.events import ActionQuery, InstanceAction
from nova_lite.domain.instance import Expect, Instance, InstancePatch
from nova_lite.domain.states import Action

# What asks the server's host, where it has one, and needs none where it has not.
HOST_IF_THERE: Final = (Action.UNSHELVE,)
TRIES: Final = 5  # for the compare and swap, when others are quicker

NO_CHANGE: Final = InstancePatch()

# Actions that are a flow; the rest is done at once (handlers/immediate.py).
FLOW_OF: Final[dict[Action, Flow]] = {
    Action.DELETE: DELETE,
    Action.FORCE_DELETE: DELETE,
    Action.ATTACH_INTERFACE: ATTACH_INTERFACE,
    Action.DETACH_INTERFACE: DETACH_INTERFACE,
    Action.REBUILD: REBUILD,
    Action.RESCUE: RESCUE,
    Action.UNRESCUE: UNRESCUE,
    Action.CREATE_IMAGE: CREATE_IMAGE,
    Action.CREATE_BACKUP: CREATE_BACKUP,
    Action.SHELVE: SHELVE,
    Action.SHELVE_OFFLOAD: SHELVE_OFFLOAD,
    Action.UNSHELVE: UNSHELVE,
    Action.CHANGE_PASSWORD: SET_PASSWORD,
    Action.TRIGGER_CRASH_DUMP: CRASH_DUMP,
    **dict.fromkeys(METHODS, POWER),
}


class ActionHandlers:
    def __init__(self, deps: Deps, cells: Cells, runner: Runner) -> None:
        self._deps = deps
        self._cells = cells
        self._runner = runner
        self._abilities = Abilities(deps)

    def begin_action(
        self,
        context: RequestContext,
        *,
        uuid: str,
        action: Action,
        params: dict[str, Any],
        secrets: dict[str, str] | None = None,
    ) -> None:
        self.begin(context, uuid, action, params, secrets)

    def begin(
        self,
        context: RequestContext,
        uuid: str,
        action: Action,
        params: dict[str, Any],
        secrets: Mapping[str, Any] | None = None,
        change: InstancePatch = NO_CHANGE,
    ) -> Run | None:
        """The run that does it; None for what was done at once. `change`: what is written of the
        server as it begins."""
        if action not in FLOW_OF and action not in immediate.TABLE:
            raise errors.ActionUnsupported(action=lifecycle.BY_ACTION[action].verb)
        for _ in range(TRIES):
            cell, found = self._cells.find(context, uuid)
            wanted = self._turned(action, cell, found)
            lifecycle.check(wanted, found.snapshot(), is_admin=context.is_admin)
            try:
                if wanted in immediate.TABLE:
                    self._at_once(context, cell, found, wanted, params)
                    return None
                return self._begin(context, cell, found, wanted, params, secrets or {}, change)
            except errors.InstanceChanged as error:
                changed = error
        raise changed

    def _turned(self, action: Action, cell: Cell, found: Instance) -> Action:
        """A deletion is soft where so configured, and there is a guest to keep on a host that
        can be asked to stop it."""
        soft = action is Action.DELETE and self._deps.conf.reclaim_instance_interval > 0
        if not soft or found.host is None or found.launched_at is None:
            return action
        with self._deps.databases.read_cell(cell) as tx:
            up = host_status.is_up(tx, self._deps.conf, found.host)
        return Action.SOFT_DELETE if up else action

    # --- at once --------------------------------------------------------------------------------

    def _at_once(
        self,
        context: RequestContext,
        cell: Cell,
        found: Instance,
        action: Action,
        params: Mapping[str, Any],
    ) -> None:
        patch = immediate.TABLE[action](context, found, params)
        if patch is None:
            return
        rule = lifecycle.BY_ACTION[action]

        def write(tx: Tx) -> None:
            expect = Expect(vm_states=[found.vm_state], task_states=[found.task_state])
            instances.update_if(tx, found.uuid, expect, patch)
            begun = action_of(action, found, context)
            actions.insert(tx, [begun])
            if rule.preempts:
                flow_runs.stop(tx, found.uuid)

        self._deps.databases.run_cell(cell, write)
        self._runner.wake(instance_uuid=found.uuid)

    # --- flows ----------------------------------------------------------------------------------

    def _begin(
        self,
        context: RequestContext,
        cell: Cell,
        found: Instance,
        action: Action,
        params: Mapping[str, Any],
        secrets: Mapping[str, Any],
        change: InstancePatch,
    ) -> Run:
        rule, flow = lifecycle.BY_ACTION[action], FLOW_OF[action]
        if (rule.on_host or action in HOST_IF_THERE) and found.host is not None:
            self._check_host(cell, found.host, action)
        if action in refusing.TABLE:
            refusing.TABLE[action](self._deps, context, found, params)
        with requota.around(self._deps, context, action, found):
            run = self._swap(context, cell, found, action, flow, params, change)
        run.secrets.update(secrets)
        if run.progress.preempts:
            self._runner.wake(instance_uuid=found.uuid)
        self._runner.submit([run])
        return run

    def _check_host(self, cell: Cell, host: str, action: Action) -> None:
        with self._deps.databases.read_cell(cell) as tx:
            if not host_status.is_up(tx, self._deps.conf, host):
                raise errors.HostUnavailable()
            self._abilities.check(tx, host, action)

    def _swap(
        self,
        context: RequestContext,
        cell: Cell,
        found: Instance,
        action: Action,
        flow: Flow,
        params: Mapping[str, Any],
        change: InstancePatch,
    ) -> Run:
        """Into the doing-state, with action and run, in one transaction."""
        patch = replace(change, task_state=lifecycle.doing(action, found.task_state))
        expect = Expect(vm_states=[found.vm_state], task_states=[found.task_state])
        record = record_of(
            *(flow, action, found, context),
            owner=self._runner.owner,
            conf=self._deps.conf,
            params=params,
        )
        preempts = lifecycle.BY_ACTION[action].preempts

        def write(tx: Tx) -> None:
            instances.update_if(tx, found.uuid, expect, patch)
            actions.insert(tx, [action_of(action, found, context)])
            if preempts:
                record.progress = replace(record.progress, preempts=flow_runs.stop(tx, found.uuid))
            flow_runs.insert(tx, [record])

        self._deps.databases.run_cell(cell, write)
        return Run(record, flow, cell, patched(found, patch), context, self._deps)

    # --- the record -----------------------------------------------------------------------------

    def list_actions(self, context: RequestContext, *, query: ActionQuery) -> list[InstanceAction]:
        cell, _ = self._cells.find(context, query.instance_uuid, deleted=None)
        with self._deps.databases.read_cell(cell) as tx:
            return actions.page(tx, query)

    def get_action(
        self, context: RequestContext, *, instance_uuid: str, request_id: str
    ) -> InstanceAction:
        cell, _ = self._cells.find(context, instance_uuid, deleted=None)
        with self._deps.databases.read_cell(cell) as tx:
            return actions.get(tx, instance_uuid, request_id)
