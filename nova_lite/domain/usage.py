# SPDX-License-Identifier: Apache-2.0
"""What servers used in a span of time: from when they were launched until they were deleted."""

import datetime as dt
from collections.abc import Iterable

import msgspec

HOUR = 3600.0


class UsageQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Servers that existed between `start` and `stop`, by uuid, those after `marker`.
    project_id None: of all projects."""

    start: dt.datetime
    stop: dt.datetime
    project_id: str | None = None
    limit: int = 1000
    marker: str | None = None


class ServerUsage(msgspec.Struct, frozen=True, kw_only=True):
    """A server, with what it was given: memory in MiB, disk (root and ephemeral) in GiB."""

    uuid: str
    project_id: str
    name: str
    flavor: str
    vcpus: int
    memory_mb: int
    local_gb: int
    vm_state: str
    launched_at: dt.datetime
    terminated_at: dt.datetime | None = None


class ProjectUsage(msgspec.Struct, frozen=True, kw_only=True):
    """Sums over the servers of a project, each times its hours."""

    project_id: str
    servers: list[ServerUsage]
    hours: float = 0.0
    vcpu_hours: float = 0.0
    memory_mb_hours: float = 0.0
    local_gb_hours: float = 0.0


def hours(server: ServerUsage, start: dt.datetime, stop: dt.datetime) -> float:
    """How long it existed between the two."""
    begin = max(server.launched_at, start)
    end = min(server.terminated_at or stop, stop)
    return max(0.0, (end - begin).total_seconds()) / HOUR


def by_project(
    servers: Iterable[ServerUsage], start: dt.datetime, stop: dt.datetime
) -> list[ProjectUsage]:
    """In the order in which projects come first."""
    found: dict[str, list[ServerUsage]] = {}
    for server in servers:
        found.setdefault(server.project_id, []).append(server)
    made = []
    for project_id, own in found.items():
        lasted = [(server, hours(server, start, stop)) for server in own]
        made.append(
            ProjectUsage(
                project_id=project_id,
                servers=own,
                hours=sum(time for _, time in lasted),
                vcpu_hours=sum(server.vcpus * time for server, time in lasted),
                memory_mb_hours=sum(server.memory_mb * time for server, time in lasted),
                local_gb_hours=sum(server.local_gb * time for server, time in lasted),
            )
        )
    return made
