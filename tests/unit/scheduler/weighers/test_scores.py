# SPDX-License-Identifier: Apache-2.0
from hypothesis import given
from hypothesis import strategies as st

from nova_lite.scheduler.settings import Settings
from nova_lite.scheduler.weighers import CPUWeigher, RAMWeigher
from nova_lite.scheduler.weighers.scores import Scores, multipliers_of_aggregates
from tests.unit.scheduler.harness import host, hosts, request


@given(st.lists(st.integers(1, 10**7), min_size=2))
def test_scores_keep_their_order_between_0_and_1(free: list[int]) -> None:
    seen = [host(f"h{number}", ram=ram) for number, ram in enumerate(free)]
    found = Scores([(RAMWeigher(Settings()), 1.0)], seen, request()).totals
    least, most = (0.0, 1.0) if len(set(free)) > 1 else (0.0, 0.0)
    assert min(found) == least and abs(max(found) - most) < 1e-9
    for one, left in zip(found, free, strict=True):
        for other, right in zip(found, free, strict=True):
            assert (one < other) == (left < right)


def test_all_the_same_is_nothing() -> None:
    scores = Scores([(RAMWeigher(Settings()), 1.0)], hosts(3), request())
    assert scores.totals == [0.0, 0.0, 0.0]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 400)), min_size=1, max_size=30))
def test_a_host_scored_again_ends_where_all_scored_again_would_put_it(
    changes: list[tuple[int, int]],
) -> None:
    seen = [host(f"h{n}", ram=4000 + 100 * n, vcpus=4 + n) for n in range(10)]
    weighed = [(RAMWeigher(Settings()), 1.0), (CPUWeigher(Settings()), 2.0)]
    spec = request()
    scores = Scores(weighed, seen, spec)
    widest = [(min(r), max(r)) for r in _raw(seen)]
    for index, amount in changes:
        seen[index].used["MEMORY_MB"] = seen[index].used.get("MEMORY_MB", 0) + amount
        scores.changed(index, spec)
        widest = [
            (min(low, *r), max(high, *r)) for (low, high), r in zip(widest, _raw(seen), strict=True)
        ]
    again = [
        sum(weight * part for weight, part in zip((1.0, 2.0), parts, strict=True))
        for parts in zip(
            *(normalise(r, *span) for r, span in zip(_raw(seen), widest, strict=True)), strict=True
        )
    ]
    assert all(abs(a - b) < 1e-9 for a, b in zip(again, scores.totals, strict=True))


def normalise(raw: list[float], low: float, high: float) -> list[float]:
    """low -> 0, high -> 1; all the same -> 0."""
    span = high - low
    return [(one - low) / span if span > 0 else 0.0 for one in raw]


def _raw(seen: list) -> list[list[float]]:
    spec = request()
    return [[one(Settings()).score(h, spec) for h in seen] for one in (RAMWeigher, CPUWeigher)]


def test_the_lowest_multiplier_of_several_aggregates_counts() -> None:
    seen = hosts(2)
    seen[1].aggregates = [{"a": "3"}, {"a": "2", "b": "x"}, {"c": "1"}]
    assert multipliers_of_aggregates(seen, {"a", "b"}) == {"a": {1: 2.0}}
