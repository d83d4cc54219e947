# SPDX-License-Identifier: Apache-2.0
import pytest

from nova_lite.domain import errors, quota, refusals
from nova_lite.domain.request import Reason, Selected, Verdict


def verdict(host: str, check: str, wanted: str | None = None, has: str | None = None) -> Verdict:
    reason = Reason(check=check, text=f"{check} says no", wanted=wanted, has=has)
    return Verdict(host=host, node=host, reason=reason)


def selected(**values: object) -> Selected:
    return Selected(selections=[], **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (selected(), refusals.NO_HOSTS),
        (selected(considered=3), refusals.NO_HOSTS),
        (
            selected(considered=1, counts={"Ram": 1}, verdicts=[verdict("h1", "Ram", "4", "2")]),
            "1 host: 1 Ram (wanted 4, best has 2)",
        ),
        (
            selected(
                considered=5,
                counts={"Compute": 1, "Ram": 3, "Az": 1},
                verdicts=[
                    verdict("h1", "Ram", "4096 MiB", "9 MiB"),
                    verdict("h2", "Ram", "4096 MiB", "512 MiB"),
                    verdict("h3", "Ram", "4096 MiB", "much"),
                    verdict("h4", "Compute"),
                ],
            ),
            "5 hosts: 3 Ram (wanted 4096 MiB, best has 512 MiB), 1 Az, 1 Compute (Compute says no)",
        ),
    ],
)
def test_summary(given: Selected, text: str) -> None:
    assert refusals.summary(given) == text


def test_the_error_tells_users_no_host_and_operators_all() -> None:
    given = selected(
        considered=2,
        counts={"Ram": 2},
        verdicts=[verdict("secret1", "Ram", "4", "1"), verdict("secret2", "Ram", "4", "2")],
    )
    error = refusals.no_valid_host(given)
    assert isinstance(error, errors.NoValidHost)
    assert error.message == "No valid host was found. 2 hosts: 2 Ram (wanted 4, best has 2)"
    assert [one["host"] for one in error.values["verdicts"]] == ["secret1", "secret2"]
    assert [one["has"] for one in error.values["checks"]] == ["2"]


@pytest.mark.parametrize(
    ("used", "limits", "expected"),
    [
        ({}, {"instances": 5, "cores": -1}, 5),
        ({"instances": 3}, {"instances": 5, "cores": 3}, 1),
        ({"instances": 9}, {"instances": 5}, 0),
    ],
)
def test_room_in_the_quota(used: dict[str, int], limits: dict[str, int], expected: int) -> None:
    assert quota.room({"instances": 1, "cores": 2}, used, limits) == expected


def test_room_without_limits() -> None:
    assert quota.room({"instances": 1}, {"instances": 10**6}, {}) > 10**9
