# SPDX-License-Identifier: Apache-2.0
"""Usage as the newest microversion shows it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from nova_lite.api.request import Request
from nova_lite.api.times import plain
from nova_lite.api.view import LINKS_SCHEMA, Item, Make, closed
from nova_lite.domain.usage import ProjectUsage, ServerUsage, hours

_TEXT, _NUMBER, _WHOLE = {"type": "string"}, {"type": "number"}, {"type": "integer"}
SERVER = closed(
    {
        "instance_id": {"type": "string", "format": "uuid"},
        "name": _TEXT,
        "flavor": _TEXT,
        "tenant_id": _TEXT,
        "hours": _NUMBER,
        "vcpus": _WHOLE,
        "memory_mb": _WHOLE,
        "local_gb": _WHOLE,
        "started_at": _TEXT,
        "ended_at": {"type": ["string", "null"]},
        "state": _TEXT,
        "uptime": _WHOLE,
    }
)
_PROJECT = {
    "tenant_id": _TEXT,
    "start": _TEXT,
    "stop": _TEXT,
    "total_hours": _NUMBER,
    "total_vcpus_usage": _NUMBER,
    "total_memory_mb_usage": _NUMBER,
    "total_local_gb_usage": _NUMBER,
    "server_usages": {"type": "array", "items": SERVER},
}
PROJECT = closed(_PROJECT, optional=("server_usages",))


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What was found; `last`: the marker of the page after this one, if there is one."""

    start: dt.datetime
    stop: dt.datetime
    now: dt.datetime
    projects: list[ProjectUsage]
    limit: int | None
    last: str | None


def _server(usage: Usage, server: ServerUsage) -> dict[str, Any]:
    ended = server.terminated_at
    return {
        "instance_id": server.uuid,
        "name": server.name,
        "flavor": server.flavor,
        "tenant_id": server.project_id,
        "hours": hours(server, usage.start, usage.stop),
        "vcpus": server.vcpus,
        "memory_mb": server.memory_mb,
        "local_gb": server.local_gb,
        "started_at": plain(server.launched_at),
        "ended_at": plain(ended),
        "state": "terminated" if ended else server.vm_state,
        "uptime": int(((ended or usage.now) - server.launched_at).total_seconds()),
    }


def _project(usage: Usage, project: ProjectUsage, *, detailed: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "tenant_id": project.project_id,
        "start": plain(usage.start),
        "stop": plain(usage.stop),
        "total_hours": project.hours,
        "total_vcpus_usage": project.vcpu_hours,
        "total_memory_mb_usage": project.memory_mb_hours,
        "total_local_gb_usage": project.local_gb_hours,
    }
    if detailed:
        shown["server_usages"] = [_server(usage, server) for server in project.servers]
    return shown


def _next(request: Request, usage: Usage) -> list[dict[str, str]]:
    if usage.last is None:
        return []
    href = request.links.next_page(dict(request.query), usage.last, usage.limit)
    return [{"rel": "next", "href": href}]


def _list(request: Request) -> Make:
    detailed = request.param("detailed") == "1"

    def make(usage: Usage) -> dict[str, Any]:
        found = [_project(usage, project, detailed=detailed) for project in usage.projects]
        links = _next(request, usage)
        return {"tenant_usages": found, **({"tenant_usages_links": links} if links else {})}

    return make


def _show(request: Request) -> Make:
    def make(usage: Usage) -> dict[str, Any]:
        found = [_project(usage, project, detailed=True) for project in usage.projects]
        links = _next(request, usage)
        shown = found[0] if found else {}
        return {"tenant_usage": shown, **({"tenant_usage_links": links} if links else {})}

    return make


USAGES = Item(
    key=None,
    shape="usage.list",
    build=_list,
    of=closed(
        {
            "tenant_usages": {"type": "array", "items": PROJECT},
            "tenant_usages_links": LINKS_SCHEMA,
        },
        optional=("tenant_usages_links",),
    ),
)
USAGE = Item(
    key=None,
    shape="usage.show",
    build=_show,
    of=closed(
        {
            "tenant_usage": {"anyOf": [closed(_PROJECT), closed({})]},
            "tenant_usage_links": LINKS_SCHEMA,
        },
        optional=("tenant_usage_links",),
    ),
)
