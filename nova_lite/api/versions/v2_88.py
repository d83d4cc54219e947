# SPDX-License-Identifier: Apache-2.0
"""Hypervisors no longer show what is used of them: placement tells that."""

from typing import Any

from nova_lite.api.versions.change import Change, named
from nova_lite.domain import node_counters as counters


def _counters(item: dict[str, Any], node: Any, request: Any) -> None:
    item.update(counters.of(node))
    item["cpu_info"] = node.report.cpu_info
    del item["uptime"]


CHANGE = Change(
    number=88,
    title="Usage-like fields, /statistics and /uptime removed; uptime in hypervisor show",
    ends=named("hypervisors.statistics", "hypervisors.uptime"),
    response={"hypervisor.detail": (_counters,)},
)
