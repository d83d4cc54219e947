# SPDX-License-Identifier: Apache-2.0
"""The heartbeat of a daemon: a line to the conductor every so often."""

import logging
from collections.abc import Callable

from nova_lite.base.context import RequestContext
from nova_lite.base.periodic import Job
from nova_lite.domain import errors
from nova_lite.rpc import wire
from nova_lite.rpc.clients import Clients

LOG = logging.getLogger(__name__)

# Grows when a service can do something that others may rely on.
SERVICE_VERSION = 1

# Seconds; a busy conductor may need some.
SHORTEST_WAIT = 10.0


def beat(
    context: RequestContext,
    clients: Clients,
    binary: str,
    host: str,
    topic: str,
    patience: float | None = None,
) -> None:
    """Report the service once; `patience`: seconds to wait for the answer."""
    conductor = clients.conductor
    if patience is not None:
        conductor = conductor.within(patience)
    conductor.report_service(
        context,
        binary=binary,
        host=host,
        topic=topic,
        version=SERVICE_VERSION,
        wire_level=wire.CURRENT.level,
    )


def heartbeat(
    clients: Clients,
    binary: str,
    host: str,
    topic: str,
    interval: float,
    returned: Callable[[], None] | None = None,
) -> Job:
    """The job that reports this service. While the conductor cannot be reached it says so in
    one line a beat; `returned` is called when it can be reached again."""
    lost = False

    def run(context: RequestContext) -> None:
        nonlocal lost
        try:
            # A beat that got lost is not waited for when the next one is due.
            beat(context, clients, binary, host, topic, patience=max(interval, SHORTEST_WAIT))
        except errors.Unavailable as error:
            lost = True
            LOG.warning("The conductor did not hear of %s on %s: %s", binary, host, error.message)
            return
        if lost:
            lost = False
            LOG.info("The conductor hears of %s on %s again", binary, host)
            if returned is not None:
                returned()

    return Job(f"heartbeat {host}", interval, run, at_start=True)
