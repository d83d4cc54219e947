# SPDX-License-Identifier: Apache-2.0
"""The scheduler as a daemon: one call, `select`."""

import logging
from collections.abc import Sequence
from typing import Any

import msgspec

from nova_lite.base.context import RequestContext, service_context
from nova_lite.base.service import Job, Service
from nova_lite.domain import errors
from nova_lite.domain.host import HostDelta, HostState
from nova_lite.domain.instance import Instance, InstanceQuery
from nova_lite.domain.request import Selected, SelectRequest
from nova_lite.domain.states import VmState
from nova_lite.rpc.clients import Clients
from nova_lite.rpc.contracts.scheduler import Scheduler
from nova_lite.rpc.heartbeat import heartbeat
from nova_lite.rpc.port import Bus
from nova_lite.rpc.server import RpcServer
from nova_lite.scheduler import explain
from nova_lite.scheduler.group_picks import GroupPicks
from nova_lite.scheduler.load import make_pipeline
from nova_lite.scheduler.pipeline import Consume, Outcome, Pipeline
from nova_lite.scheduler.snapshot import Snapshot

LOG = logging.getLogger(__name__)

NAME = "nova-lite-scheduler"
BINARY = "nova-scheduler"
READ_TIMEOUT = 15.0  # seconds to wait for the list of hosts
_instances = msgspec.json.Decoder(list[Instance])
FULL_EVERY = 60.0  # seconds: then all hosts are read, whatever the differences said


class Endpoint:
    """Answers the scheduler's contract."""

    def __init__(self, pipeline: Pipeline, snapshot: Snapshot, clients: Clients) -> None:
        self._pipeline = pipeline
        self._snapshot = snapshot
        self._clients = clients
        self._groups = GroupPicks()

    def select(self, context: RequestContext, *, request: SelectRequest) -> Selected:
        """Decide by what is known; say no only after having looked again."""
        outcome = self._decide(request, fresh=request.fresh)
        if not request.fresh and not _complete(outcome.selected):
            # Hosts may look fuller than they are: picks that were never claimed count here, and
            # so do members of the group that are gone again.
            self._drop_gone_members(request)
            outcome = self._decide(request, fresh=True)
        _log(outcome, request, self._snapshot.age)
        return outcome.selected

    def _decide(self, request: SelectRequest, *, fresh: bool) -> Outcome:
        self._snapshot.refresh(fresh=fresh)

        def select(hosts: Sequence[HostState], consume: Consume) -> Outcome:
            outcome = self._pipeline.select(hosts, self._groups.complete(request), consume)
            self._groups.note(request, outcome.selected)
            return outcome

        return self._snapshot.decide(select, forget=fresh)

    def _drop_gone_members(self, request: SelectRequest) -> None:
        asked = self._snapshot.decide(lambda hosts, consume: self._groups.others(request))
        if not asked:
            return
        query = InstanceQuery(project_id=None, filters={"uuid": asked}, limit=len(asked))
        try:
            text = self._clients.conductor.list_instances(
                service_context(), query=query, summary=False
            )
        except errors.NovaLiteError as error:
            LOG.warning("The members of a group could not be read: %s", error.message)
            return
        found = _instances.decode(text)
        there = {one.uuid for one in found if one.host or one.vm_state is VmState.BUILDING}
        gone = set(asked) - there
        self._snapshot.decide(lambda hosts, consume: self._groups.drop(gone))


def _complete(selected: Selected) -> bool:
    return explain.placed_of(selected) == len(selected.selections)


def _log(outcome: Outcome, request: SelectRequest, age: float) -> None:
    if LOG.isEnabledFor(logging.DEBUG):
        for stage in outcome.stages:
            LOG.debug("%s", explain.filter_line(stage))
    for selection in outcome.selected.selections:
        if not selection.hosts:
            LOG.info("%s", explain.nothing_left_line(selection.uuid, outcome.stages))
            break
    LOG.info("%s (as of %.1f s ago)", explain.summary_line(outcome), age)


def reader(clients: Clients) -> Any:
    """How a snapshot reads: from the conductor."""
    conductor = clients.conductor.options(timeout=READ_TIMEOUT)

    def read(since: int) -> HostDelta:
        delta: HostDelta = conductor.list_hosts(service_context(), since=since)
        return delta

    return read


def build(conf: Any, bus: Bus, clients: Clients) -> Service:
    """The daemon's parts: its RPC server and its heartbeat. ConfigurationError for filters or
    weighers that are not known."""
    snapshot = Snapshot(reader(clients))
    endpoint = Endpoint(make_pipeline(conf), snapshot, clients)
    server = RpcServer(bus, Scheduler, endpoint, conf.host)

    def read_all(context: RequestContext) -> None:
        try:
            snapshot.refresh(full=True)
        except errors.Unavailable as error:
            LOG.warning("The hosts could not be read: %s", error.message)

    jobs = [
        heartbeat(clients, BINARY, conf.host, Scheduler.TOPIC, conf.report_interval),
        Job("read all hosts", FULL_EVERY, read_all, at_start=True),
    ]
    return Service(NAME, [server], jobs)
