# SPDX-License-Identifier: Apache-2.0
"""The heartbeat of a daemon: a line to the conductor every so often."""

import logging

from nova_lite.base.context import RequestContext
from nova_lite.base.periodic import Job
from nova_lite.domain import errors
from nova_lite.rpc import wire
from nova_lite.rpc.clients import Clients

LOG = logging.getLogger(__name__)

# Grows when a service can do something that others may rely on.
SERVICE_VERSION = 1


def heartbeat(clients: Clients, binary: str, host: str, topic: str, interval: float) -> Job:
    """The job that reports this service. While the conductor cannot be reached it says so in
    one line a beat."""

    def beat(context: RequestContext) -> None:
        try:
            clients.conductor.report_service(
                context,
                binary=binary,
                host=host,
                topic=topic,
                version=SERVICE_VERSION,
                wire_level=wire.CURRENT.level,
            )
        except errors.Unavailable as error:
            LOG.warning("The conductor did not hear of %s on %s: %s", binary, host, error.message)

    return Job(f"heartbeat {host}", interval, beat, at_start=True)
