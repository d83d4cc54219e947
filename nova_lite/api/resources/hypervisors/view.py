# SPDX-License-Identifier: Apache-2.0
"""Hypervisors as the newest microversion shows them."""

from typing import Any

from nova_lite.api.request import Request
from nova_lite.api.shapes import truth
from nova_lite.api.view import Collection, Item, Make, closed
from nova_lite.domain import node_counters as counters
from nova_lite.domain.host import ComputeNode

_TEXT = {"type": "string"}
_UUID = {"type": "string", "format": "uuid"}
_SERVERS = {"type": "array", "items": closed({"name": _TEXT, "uuid": _UUID})}
_SHORT = {
    "id": _UUID,
    "hypervisor_hostname": _TEXT,
    "state": {"type": "string", "enum": ["up", "down"]},
    "status": {"type": "string", "enum": ["enabled", "disabled"]},
}

SUMMARY_SCHEMA = closed({**_SHORT, "servers": _SERVERS}, optional=["servers"])
DETAIL_SCHEMA = closed(
    {
        **_SHORT,
        "hypervisor_type": _TEXT,
        "hypervisor_version": {"type": "integer"},
        "host_ip": {"type": ["string", "null"]},
        "service": closed(
            {"id": _UUID, "host": _TEXT, "disabled_reason": {"type": ["string", "null"]}}
        ),
        "uptime": {"type": ["string", "null"]},
        "servers": _SERVERS,
    },
    optional=["servers"],
)
STATISTICS_SCHEMA = closed(
    {name: {"type": ["integer", "null"]} for name in ("count", *counters.NAMES)}
)


def _short(node: ComputeNode) -> dict[str, Any]:
    return {
        "id": node.uuid,
        "hypervisor_hostname": node.report.hypervisor_hostname,
        "state": "up" if node.service.up else "down",
        "status": "disabled" if node.service.disabled else "enabled",
    }


def servers_of(node: ComputeNode) -> list[dict[str, str]]:
    return [{"name": server.name, "uuid": server.uuid} for server in node.servers]


def _asks_for_servers(request: Request) -> bool:
    return truth(request.param("with_servers") or "false")


def _summary(request: Request) -> Make:
    wants_servers = _asks_for_servers(request)

    def make(node: ComputeNode) -> dict[str, Any]:
        item = _short(node)
        if wants_servers:
            item["servers"] = servers_of(node)
        return item

    return make


def _detail(request: Request) -> Make:
    wants_servers = _asks_for_servers(request)

    def make(node: ComputeNode) -> dict[str, Any]:
        item = {
            **_short(node),
            "hypervisor_type": node.report.hypervisor_type,
            "hypervisor_version": node.report.hypervisor_version,
            "host_ip": node.report.host_ip,
            "service": {
                "id": node.service.uuid,
                "host": node.service.host,
                "disabled_reason": node.service.disabled_reason,
            },
            "uptime": node.report.uptime,
        }
        if wants_servers:
            item["servers"] = servers_of(node)
        return item

    return make


def _uptime(request: Request) -> Make:
    return lambda node: {**_short(node), "uptime": node.report.uptime}


def _statistics(request: Request) -> Make:
    return counters.total


def _with_servers(request: Request) -> Make:
    return lambda node: {**_short(node), "servers": servers_of(node)}


SUMMARIES = Collection(
    key="hypervisors",
    shape="hypervisor.summary",
    build=_summary,
    of=SUMMARY_SCHEMA,
    links_key="hypervisors_links",
    marker=lambda node: node.uuid,
)
DETAILS = Collection(
    key="hypervisors",
    shape="hypervisor.detail",
    build=_detail,
    of=DETAIL_SCHEMA,
    links_key="hypervisors_links",
    marker=lambda node: node.uuid,
)
DETAIL = Item(key="hypervisor", shape="hypervisor.detail", build=_detail, of=DETAIL_SCHEMA)
FOUND = Collection(key="hypervisors", shape="hypervisor.found", build=_summary, of=SUMMARY_SCHEMA)
WITH_SERVERS = Collection(
    key="hypervisors", shape="hypervisor.servers", build=_with_servers, of=SUMMARY_SCHEMA
)
UPTIME = Item(
    key="hypervisor",
    shape="hypervisor.uptime",
    build=_uptime,
    of=closed({**_SHORT, "uptime": {"type": ["string", "null"]}}),
)
STATISTICS = Item(
    key="hypervisor_statistics",
    shape="hypervisor.statistics",
    build=_statistics,
    of=STATISTICS_SCHEMA,
)
