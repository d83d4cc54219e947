# SPDX-License-Identifier: Apache-2.0
"""What the conductor does again and again. But for what each has to know by itself, only one
conductor does it: the leader."""

import logging
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from nova_lite.base import clock
from nova_lite.base.context import RequestContext
from nova_lite.base.periodic import Job
from nova_lite.conductor.audit import Auditor, Finding
from nova_lite.conductor.deps import Deps
from nova_lite.conductor.flows.rescue import rescued_at
from nova_lite.conductor.handlers.actions import ActionHandlers
from nova_lite.conductor.runner import Runner
from nova_lite.db.cell import console_tokens, flow_runs, instances, services
from nova_lite.domain import errors, shelving
from nova_lite.domain.cell import Cell
from nova_lite.domain.states import Action, VmState
from nova_lite.rpc.clients import PINNED

LOG = logging.getLogger(__name__)
QUICK: Final = 8.0  # seconds between looks for what the death of a process leaves
RECONCILE: Final = 600.0  # seconds between comparisons of everything in the databases
SETTLE: Final = 5.0  # seconds between the two looks of a comparison
RECLAIM: Final = 60.0
OWNERS: Final = 3600.0
LEVELS: Final = 60.0
TOKENS: Final = 300.0
EXPIRED_TOKENS: Final = 3600.0


class Jobs:
    """The functions behind the table of jobs."""

    def __init__(
        self, deps: Deps, runner: Runner, actions: ActionHandlers, auditor: Auditor
    ) -> None:
        self._deps = deps
        self._runner = runner
        self._actions = actions
        self._auditor = auditor
        self._suspects: dict[str, set[tuple[str, str]]] = defaultdict(set)

    def quick(self, context: RequestContext) -> None:
        """Requests that were counted and not written; servers that nobody works on."""
        self._repair_what_stays("quick", self._auditor.quick())

    def reconcile(self, context: RequestContext) -> None:
        """Everything in the databases."""
        found = self._auditor.databases()
        if found:
            clock.sleep(SETTLE)
            first = {finding.key for finding in found}
            again = [finding for finding in self._auditor.databases() if finding.key in first]
            self._suspects["all"] = first
            self._repair_what_stays("all", again)

    def _repair_what_stays(self, look: str, found: list[Finding]) -> None:
        """Repair what two looks in a row found: what is under way looks wrong only once."""
        for finding in found:
            if finding.key in self._suspects[look] and finding.repairable:
                LOG.warning("repairing %s: %s", finding.kind, finding.text)
                self._repair(finding)
        self._suspects[look] = {finding.key for finding in found}

    def _repair(self, finding: Finding) -> None:
        try:
            self._auditor.repair(finding)
        except errors.NovaLiteError as error:
            LOG.warning("%s was not repaired: %s", finding.text, error.message)

    def reclaim(self, context: RequestContext) -> None:
        """Delete for good what was deleted softly long enough ago."""
        interval = self._deps.conf.reclaim_instance_interval
        if interval <= 0:
            return
        before = clock.now() - timedelta(seconds=interval)
        for cell in self._deps.databases.compute_cells():
            with self._deps.databases.read_cell(cell) as tx:
                found = instances.briefs(tx, vm_state=str(VmState.SOFT_DELETED))
            for brief in found:
                if brief.deleted_at is not None and brief.deleted_at <= before:
                    self._delete(context, brief.uuid)

    def _delete(self, context: RequestContext, uuid: str) -> None:
        LOG.info("instance %s was deleted softly long ago, it goes for good", uuid)
        try:
            self._actions.begin_action(context, uuid=uuid, action=Action.FORCE_DELETE, params={})
        except (errors.Conflict, errors.NotFound) as error:
            LOG.info("instance %s: %s", uuid, error.message)

    def offload(self, context: RequestContext) -> None:
        """Take servers that were shelved long enough ago off their hosts."""
        before = clock.now() - timedelta(seconds=self._deps.conf.shelved_offload_time)
        for cell in self._deps.databases.compute_cells():
            with self._deps.databases.read_cell(cell) as tx:
                briefs = instances.briefs(tx, vm_state=str(VmState.SHELVED))
                found = [instances.get(tx, one.uuid) for one in briefs if one.task_state is None]
            for server in found:
                since = shelving.shelved_at(server)
                if since is not None and since <= before:
                    self._offload(context, server.uuid)

    def _offload(self, context: RequestContext, uuid: str) -> None:
        LOG.info("instance %s gives up its host", uuid)
        try:
            self._actions.begin_action(context, uuid=uuid, action=Action.SHELVE_OFFLOAD, params={})
        except (errors.Conflict, errors.NotFound) as error:
            LOG.info("instance %s: %s", uuid, error.message)

    def unrescue(self, context: RequestContext) -> None:
        """End rescues that last for too long."""
        before = clock.now() - timedelta(seconds=self._deps.conf.rescue_timeout)
        for cell in self._deps.databases.compute_cells():
            with self._deps.databases.read_cell(cell) as tx:
                briefs = instances.briefs(tx, vm_state=str(VmState.RESCUED))
                found = [instances.get(tx, one.uuid) for one in briefs if one.task_state is None]
            for server in found:
                since = rescued_at(server)
                if since is not None and since <= before:
                    self._unrescue(context, server.uuid)

    def _unrescue(self, context: RequestContext, uuid: str) -> None:
        LOG.info("instance %s has been rescued for too long", uuid)
        try:
            self._actions.begin_action(context, uuid=uuid, action=Action.UNRESCUE, params={})
        except (errors.Conflict, errors.NotFound) as error:
            LOG.info("instance %s: %s", uuid, error.message)

    def forget_owners(self, context: RequestContext) -> None:
        """Remove the rows of conductors that died long ago."""
        before = clock.now() - timedelta(seconds=OWNERS)
        for cell in self._deps.databases.cells():
            self._deps.databases.run_cell(cell, lambda tx: flow_runs.forget_owners(tx, before))

    def forget_tokens(self, context: RequestContext) -> None:
        """Remove tokens of consoles some time after they expired; until then, who comes with one
        is told so."""
        before = clock.now() - timedelta(seconds=EXPIRED_TOKENS)
        for cell in self._deps.databases.compute_cells():
            self._deps.databases.run_cell(
                cell, lambda tx: console_tokens.delete_expired(tx, before)
            )

    def levels(self, context: RequestContext) -> None:
        """Learn what the pin `auto` goes by: the oldest service of each kind."""
        found: dict[str, int] = {}
        for cell in self._deps.databases.cells():
            with self._deps.databases.read_cell(cell) as tx:
                for topic, level in services.least_levels(tx).items():
                    found[topic] = min(level, found.get(topic, level))
        self._deps.clients.know_levels(found)

    def if_leader(self, fn: Callable[[RequestContext], None]) -> Callable[[RequestContext], None]:
        """`fn`, done by one conductor of all."""

        def maybe(context: RequestContext) -> None:
            if self._runner.leads(self._home()):
                fn(context)

        return maybe

    def _home(self) -> Cell:
        return self._deps.databases.cells()[0]


def jobs(deps: Deps, runner: Runner, actions: ActionHandlers, auditor: Auditor) -> list[Job]:
    """The table of jobs. With periodic_enable off there is the reading of levels alone."""
    own = Jobs(deps, runner, actions, auditor)
    made = []
    if "auto" in (deps.conf.upgrade_levels[topic] for topic in PINNED):
        made.append(Job("wire levels", LEVELS, own.levels, at_start=True))
    if not deps.conf.periodic_enable:
        return made
    if deps.conf.shelved_poll_interval > 0 and deps.conf.shelved_offload_time >= 0:
        every = float(deps.conf.shelved_poll_interval)
        made.append(Job("offload shelved", every, own.if_leader(own.offload)))
    if deps.conf.rescue_timeout > 0:
        every = min(RECLAIM, deps.conf.rescue_timeout)
        made.append(Job("unrescue", every, own.if_leader(own.unrescue)))
    return [
        *made,
        Job("quick reconcile", QUICK, own.if_leader(own.quick)),
        Job("reconcile", RECONCILE, own.if_leader(own.reconcile)),
        Job("reclaim", min(RECLAIM, deps.conf.reclaim_instance_interval or RECLAIM),
            own.if_leader(own.reclaim)),
        Job("forget owners", OWNERS, own.if_leader(own.forget_owners)),
        Job("forget tokens", TOKENS, own.if_leader(own.forget_tokens)),
    ]  # fmt: skip
