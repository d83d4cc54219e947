# SPDX-License-Identifier: Apache-2.0
"""The scheduler as a daemon: one call, `select`."""

import logging
from typing import Any

from nova_lite.base.context import RequestContext, service_context
from nova_lite.base.service import Job, Service
from nova_lite.domain import errors
from nova_lite.domain.host import HostDelta
from nova_lite.domain.request import Selected, SelectRequest
from nova_lite.rpc.clients import Clients
from nova_lite.rpc.contracts.scheduler import Scheduler
from nova_lite.rpc.heartbeat import heartbeat
from nova_lite.rpc.port import Bus
from nova_lite.rpc.server import RpcServer
from nova_lite.scheduler import explain
from nova_lite.scheduler.load import make_pipeline
from nova_lite.scheduler.pipeline import Outcome, Pipeline
from nova_lite.scheduler.snapshot import Snapshot

LOG = logging.getLogger(__name__)

NAME = "nova-lite-scheduler"
BINARY = "nova-scheduler"
READ_TIMEOUT = 15.0  # seconds to wait for the list of hosts
FULL_EVERY = 60.0  # seconds: then all hosts are read, whatever the differences said


class Endpoint:
    """Answers the scheduler's contract."""

    def __init__(self, pipeline: Pipeline, snapshot: Snapshot) -> None:
        self._pipeline = pipeline
        self._snapshot = snapshot

    def select(self, context: RequestContext, *, request: SelectRequest) -> Selected:
        """Decide by what is known; say no only after having looked again."""
        outcome = self._decide(request, fresh=request.fresh)
        if not request.fresh and not _complete(outcome.selected):
            # Hosts may look fuller than they are: picks that were never claimed count here.
            outcome = self._decide(request, fresh=True)
        _log(outcome, request, self._snapshot.age)
        return outcome.selected

    def _decide(self, request: SelectRequest, *, fresh: bool) -> Outcome:
        self._snapshot.refresh(fresh=fresh)
        return self._snapshot.decide(
            lambda hosts, consume: self._pipeline.select(hosts, request, consume), forget=fresh
        )


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
    endpoint = Endpoint(make_pipeline(conf), snapshot)
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
