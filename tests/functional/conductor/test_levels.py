# SPDX-License-Identifier: Apache-2.0
"""`[upgrade_levels] ... = auto`: the conductor speaks what the oldest service understands."""

from typing import Any

import pytest

from nova_lite.base.context import service_context
from nova_lite.conductor.deps import Deps
from nova_lite.conductor.handlers.services import ServiceHandlers
from nova_lite.conductor.service import Conducting
from nova_lite.rpc import wire

NEXT = wire.Release("0.2", 2, {**wire.CURRENT.versions, "compute": "1.1"}, released=False)


@pytest.fixture
def newer(monkeypatch: pytest.MonkeyPatch) -> None:
    """This conductor is of a release whose level is 2."""
    # the history of releases is a constant
    monkeypatch.setattr(wire, "RELEASES", (wire.CURRENT, NEXT))
    # as above
    monkeypatch.setattr(wire, "CURRENT", NEXT)


def report(deps: Deps, host: str, level: int) -> None:
    ServiceHandlers(deps).report_service(
        service_context(),
        binary="nova-compute",
        host=host,
        topic="compute",
        version=1,
        wire_level=level,
    )


def learn(deps: Deps) -> dict[str, int]:
    """What the job says to the clients."""
    heard: list[dict[str, int]] = []
    # the clients are made anew by it: what they are told is seen nowhere else
    deps.clients.know_levels = heard.append  # type: ignore[method-assign,assignment]
    (job,) = [job for job in Conducting(deps).jobs() if job.name == "wire levels"]
    job.fn(service_context())
    return heard[0]


def test_the_oldest_service_of_a_kind_counts(conf: Any, deps: Deps, newer: None) -> None:
    conf.set_override("compute", "auto", "upgrade_levels")
    report(deps, "h1", 2)
    assert learn(deps) == {"compute": 2}
    report(deps, "h2", 1)
    found = learn(deps)
    assert found == {"compute": 1}
    assert wire.version_for("compute", "auto", 2) is None
    assert wire.version_for("compute", "auto", found["compute"]) == (1, 0)


def test_nobody_asks_without_the_pin(deps: Deps) -> None:
    assert "wire levels" not in [job.name for job in Conducting(deps).jobs()]
