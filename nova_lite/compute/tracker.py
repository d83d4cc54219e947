# SPDX-License-Identifier: Apache-2.0
"""What this host has, and how it does: reported now and then, and soon after a change."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from msgspec.structs import replace

from nova_lite.base import clock, concurrency
from nova_lite.base.context import RequestContext, service_context, use
from nova_lite.compute.drivers import call
from nova_lite.domain import errors
from nova_lite.domain.host import Inventory, NodeReport
from nova_lite.virt.driver import Driver

LOG = logging.getLogger(__name__)

SOON = 2.0  # seconds: changes within that time are one report


class Tracker:
    """The reports of one host."""

    def __init__(self, conf: Any, host: str, driver: Driver, conductor: Any) -> None:
        """`conductor`: its client."""
        self._conf = conf
        self._host = host
        self._driver = driver
        self._conductor = conductor
        self._lock = concurrency.Lock()
        self._soon = False
        self._closed = False
        self._busy = 0
        self._failed = 0
        self._ids: dict[str, str] = {}

    def identify(self, node: str, node_uuid: str) -> None:
        """Report this node under that uuid."""
        self._ids[node] = node_uuid

    def close(self) -> None:
        """The service stops: nothing is reported by itself any more."""
        self._closed = True

    # --- what is going on -----------------------------------------------------------------

    @contextmanager
    def working(self) -> Iterator[None]:
        """Around something that keeps disks busy: a build, a copy."""
        with self._lock:
            self._busy += 1
        try:
            yield
        finally:
            with self._lock:
                self._busy -= 1
            self.report_soon()

    def build_succeeded(self) -> None:
        self._failed = 0

    def build_failed(self) -> None:
        """The host's fault. Counted up to the next success."""
        with self._lock:
            self._failed += 1

    # --- reports --------------------------------------------------------------------------

    def report(self, context: RequestContext) -> None:
        """Report every node of this host now."""
        for node in call(self._driver, self._driver.nodes):
            seen = call(self._driver, self._driver.report, node)
            self._conductor.report_node(context, host=self._host, report=self._complete(node, seen))

    def report_soon(self) -> None:
        """Something changed: report it, together with what changes within the next moment."""
        with self._lock:
            if self._soon:
                return
            self._soon = True
        concurrency.spawn(self._report_later)

    def _report_later(self) -> None:
        clock.sleep(SOON)
        self._soon = False
        if self._closed:
            return
        with use(service_context()) as context:
            try:
                self.report(context)
            except errors.NovaLiteError as error:
                LOG.warning("The resources of %s were not reported: %s", self._host, error.message)
            except Exception:
                LOG.exception("The resources of %s were not reported", self._host)

    def _complete(self, node: str, seen: NodeReport) -> NodeReport:
        counted = self._conf.compute.consecutive_build_service_disable_threshold
        stats = {
            **seen.stats,
            "io_workload": self._busy,
            "failed_builds": self._failed if counted else 0,
        }
        return replace(
            seen,
            node_uuid=self._ids.get(node, seen.node_uuid),
            inventory=with_options(seen.inventory, self._conf),
            stats=stats,
        )


def with_options(inventory: dict[str, Inventory], conf: Any) -> dict[str, Inventory]:
    """The inventory with what the options keep back and how often they sell the rest."""
    kept = {
        "VCPU": conf.reserved_host_cpus,
        "MEMORY_MB": conf.reserved_host_memory_mb,
        "DISK_GB": -(-conf.reserved_host_disk_mb // 1024),
    }
    ratios = {
        "VCPU": conf.cpu_allocation_ratio or conf.initial_cpu_allocation_ratio,
        "MEMORY_MB": conf.ram_allocation_ratio or conf.initial_ram_allocation_ratio,
        "DISK_GB": conf.disk_allocation_ratio or conf.initial_disk_allocation_ratio,
    }
    return {
        name: replace(one, reserved=min(kept[name], one.total), ratio=float(ratios[name]))
        if name in kept
        else one
        for name, one in inventory.items()
    }
