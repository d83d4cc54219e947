# SPDX-License-Identifier: Apache-2.0
"""What the calls about usage do."""

import datetime as dt
from typing import Any, Final, NamedTuple

from nova_lite.api import pages
from nova_lite.api.request import Request
from nova_lite.api.resources.tenant_usage.view import Usage
from nova_lite.api.versions.behaviours import Behaviour
from nova_lite.base import clock
from nova_lite.domain import errors
from nova_lite.domain.usage import ServerUsage, UsageQuery, by_project

WEEKS: Final = dt.timedelta(weeks=4)
ALL_AT_ONCE: Final = 1000  # rows asked for at a time, where there are no pages
# How clients write times.
FORMATS: Final = ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%d %H:%M:%S.%f")


class Project(NamedTuple):
    """The project of the path, for the policy."""

    project_id: str
    user_id: str


def index(request: Request, clients: Any, target: None, body: None) -> Usage:
    """GET /os-simple-tenant-usage"""
    return _usage(request, clients, None)


def show(request: Request, clients: Any, target: Project, body: None) -> Usage:
    """GET /os-simple-tenant-usage/{id}"""
    return _usage(request, clients, target.project_id)


def project(request: Request, clients: Any) -> Project:
    return Project(request.params["id"], request.context.user_id or "")


def _usage(request: Request, clients: Any, project_id: str | None) -> Usage:
    now = clock.now()
    start = _time(request.param("start"), now - WEEKS)
    stop = _time(request.param("end"), now)
    if start >= stop:
        raise errors.Invalid("Invalid start time. The start time cannot occur after the end time.")
    servers, limit = _servers(request, clients, project_id, start, stop)
    return Usage(
        start=start,
        stop=stop,
        now=now,
        projects=by_project(servers, start, stop),
        limit=limit,
        last=servers[-1].uuid if servers and len(servers) == limit else None,
    )


def _servers(
    request: Request, clients: Any, project_id: str | None, start: dt.datetime, stop: dt.datetime
) -> tuple[list[ServerUsage], int | None]:
    """(a page, its limit); everything and None, where this microversion has no pages."""
    paged = request.has(Behaviour.USAGE_PAGES)
    limit = pages.limit(request) if paged else ALL_AT_ONCE
    marker = pages.marker(request) if paged else None
    found: list[ServerUsage] = []
    while True:
        query = UsageQuery(
            start=start, stop=stop, project_id=project_id, limit=limit, marker=marker
        )
        page = clients.conductor.list_usage(request.context, query=query)
        found += page
        if paged or len(page) < limit:
            return found, limit if paged else None
        marker = page[-1].uuid


def _time(word: str | None, default: dt.datetime) -> dt.datetime:
    if not word:
        return default
    for form in FORMATS:
        try:
            return dt.datetime.strptime(word, form).replace(tzinfo=dt.UTC)
        except ValueError:
            continue
    raise errors.Invalid(f"Datetime is in invalid format: {word}")
