# SPDX-License-Identifier: Apache-2.0
"""What a compute service does again and again, for each of its hosts."""

import logging
from collections.abc import Callable, Sequence
from typing import Any, Final

from nova_lite.base import concurrency
from nova_lite.base.context import RequestContext, service_context, use
from nova_lite.base.periodic import Job
from nova_lite.compute.drivers import call
from nova_lite.compute.host import BINARY, ComputeHost
from nova_lite.compute.images import ImageCache
from nova_lite.domain import errors
from nova_lite.rpc.clients import Clients
from nova_lite.rpc.contracts.compute import Compute
from nova_lite.rpc.heartbeat import heartbeat

LOG = logging.getLogger(__name__)

TICK: Final = 60  # seconds: what an interval of 0 means
EVENTS: Final = 1.0  # seconds between looks at the events that came in


def jobs(
    conf: Any, clients: Clients, hosts: Sequence[ComputeHost], cache: ImageCache | None
) -> list[Job]:
    """The table. With periodic_enable off there are heartbeats and events alone."""
    made = [_heartbeat(conf, clients, host) for host in hosts]
    if conf.workarounds.handle_virt_lifecycle_events:
        made.append(_for_each("guest events", EVENTS, hosts, lambda h, c: h.sync.heed(c)))
    if not conf.periodic_enable:
        return made
    spread = conf.periodic_fuzzy_delay
    rows: list[tuple[str, int, bool, Callable[[ComputeHost, RequestContext], object]]] = [
        ("resources", conf.update_resources_interval, False, lambda h, c: h.tracker.report(c)),
        ("power states", conf.sync_power_state_interval, True, lambda h, c: h.sync.compare(c)),
        (
            "guests of deleted servers",
            conf.running_deleted_instance_poll_interval,
            True,
            lambda h, c: h.strays.check(c),
        ),
        ("new guests", TICK, False, lambda h, c: h.strays.check_new(c, h.sync.take_new())),
    ]
    for name, interval, at_start, fn in rows:
        made.append(_for_each(name, every(interval), hosts, fn, at_start, spread))
    if cache is not None:
        made.append(_sweep(conf, hosts, cache))
    return made


def every(option: int) -> int:
    """The seconds that an interval option means: 0 is a minute, negative never."""
    return option if option else TICK


def _for_each(
    name: str,
    interval: float,
    hosts: Sequence[ComputeHost],
    fn: Callable[[ComputeHost, RequestContext], object],
    at_start: bool = True,
    spread: float | None = None,
) -> Job:
    def run(context: RequestContext) -> None:
        for host in hosts:
            try:
                fn(host, context)
            except errors.NovaLiteError as error:
                LOG.warning("%s of %s: %s", name.capitalize(), host.name, error.message)

    limit = None if spread is None else min(spread, interval)
    return Job(name, interval, run, at_start=at_start, spread=limit)


def _heartbeat(conf: Any, clients: Clients, host: ComputeHost) -> Job:
    def returned() -> None:
        # While nobody could be reached, servers may have been deleted or built elsewhere.
        concurrency.spawn(_look_around, host)

    return heartbeat(clients, BINARY, host.name, Compute.TOPIC, conf.report_interval, returned)


def _look_around(host: ComputeHost) -> None:
    with use(service_context()) as context:
        try:
            host.strays.check(context)
            host.sync.compare(context)
        except errors.NovaLiteError as error:
            LOG.warning("%s: %s", host.name, error.message)


def _sweep(conf: Any, hosts: Sequence[ComputeHost], cache: ImageCache) -> Job:
    def run(context: RequestContext) -> None:
        cache.sweep(
            lambda path: any(call(host.driver, host.driver.image_in_use, path) for host in hosts)
        )

    return Job("image cache", every(conf.image_cache.manager_interval), run)
