# SPDX-License-Identifier: Apache-2.0
from hypothesis import given
from hypothesis import strategies as st

from nova_lite.scheduler.settings import Settings
from nova_lite.scheduler.weighers import CPUWeigher, RAMWeigher
from nova_lite.scheduler.weighers.scores import Scores, multipliers_of_aggregates, normalise
from tests.unit.scheduler.harness import host, hosts, request


@given(st.lists(st.floats(-1e9, 1e9), min_size=1))
def test_normalised_scores_keep_their_order_between_0_and_1(raw: list[float]) -> None:
    found = normalise(raw, min(raw), max(raw))
    assert all(0.0 <= one <= 1.0 for one in found)
    for left, right in zip(raw, raw[1:], strict=False):
        a, b = found[raw.index(left)], found[raw.index(right)]
        assert (a <= b) if left <= right else (a >= b)


def test_all_the_same_is_nothing() -> None:
    assert normalise([5, 5, 5], 5, 5) == [0.0, 0.0, 0.0]


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


def _raw(seen: list) -> list[list[float]]:
    spec = request()
    return [[one(Settings()).score(h, spec) for h in seen] for one in (RAMWeigher, CPUWeigher)]


def test_the_lowest_multiplier_of_several_aggregates_counts() -> None:
    seen = hosts(2)
    seen[1].aggregates = [{"a": "3"}, {"a": "2", "b": "x"}, {"c": "1"}]
    assert multipliers_of_aggregates(seen, {"a", "b"}) == {"a": {1: 2.0}}
