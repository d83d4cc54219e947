# SPDX-License-Identifier: Apache-2.0
"""What servers used in a span of time."""

import datetime as dt

from nova_lite.domain.usage import ServerUsage, by_project, hours

T = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def server(begin: int, end: int | None = None, project: str = "p1", vcpus: int = 2) -> ServerUsage:
    """From and to an hour after T."""
    return ServerUsage(
        uuid="u",
        project_id=project,
        name="s",
        flavor="f",
        vcpus=vcpus,
        memory_mb=512,
        local_gb=3,
        vm_state="active",
        launched_at=T + begin * HOUR,
        terminated_at=None if end is None else T + end * HOUR,
    )


def test_hours_are_those_in_the_span() -> None:
    assert hours(server(0), T, T + 10 * HOUR) == 10
    assert hours(server(-5), T, T + 10 * HOUR) == 10
    assert hours(server(4), T, T + 10 * HOUR) == 6
    assert hours(server(4, 5), T, T + 10 * HOUR) == 1
    assert hours(server(4, 50), T, T + 10 * HOUR) == 6
    assert hours(server(-4, -1), T, T + 10 * HOUR) == 0


def test_sums_by_project() -> None:
    found = by_project([server(0), server(0, project="p2"), server(9)], T, T + 10 * HOUR)
    assert [project.project_id for project in found] == ["p1", "p2"]
    one, two = found
    assert (one.hours, one.vcpu_hours) == (11, 22)
    assert (one.memory_mb_hours, one.local_gb_hours) == (11 * 512, 33)
    assert (two.hours, len(one.servers)) == (10, 2)
