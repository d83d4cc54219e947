# SPDX-License-Identifier: Apache-2.0
import pytest

from nova_lite.domain.group import GroupPolicy
from nova_lite.scheduler.explain import filter_line, nothing_left_line, summary_line
from nova_lite.scheduler.weighers import RAMWeigher
from tests.unit.scheduler.harness import (
    alternates,
    ask,
    chosen,
    copied,
    group,
    host,
    hosts,
    request,
    select,
)


def test_the_host_with_most_room_comes_first() -> None:
    seen = [host("small", ram=1024), host("large", ram=8192), host("middle", ram=4096)]
    outcome = select(seen, ask(request()))
    assert chosen(outcome) == ["large"]
    assert alternates(outcome) == ["middle", "small"]


def test_a_negative_multiplier_stacks() -> None:
    seen = [host("small", ram=1024), host("large", ram=8192)]
    outcome = select(
        seen, ask(request()), weigh=(RAMWeigher,), multipliers={"ram_weight_multiplier": -1.0}
    )
    assert chosen(outcome) == ["small"]


def test_no_host_is_an_empty_list_with_a_reason_for_each() -> None:
    seen = [host("full", used={"MEMORY_MB": 8000}), host("down", up=False), host("tiny", vcpus=1)]
    outcome = select(seen, ask(request(vcpus=2)))
    assert chosen(outcome) == [None]
    assert outcome.selected.counts == {"ComputeFilter": 1, "MEMORY_MB": 1, "VCPU": 1}
    reasons = {v.host: (v.reason.wanted, v.reason.has) for v in outcome.selected.verdicts}
    assert reasons == {
        "full": ("512", "192 free"),
        "tiny": ("2", "1 free"),
        "down": (None, None),
    }


def test_servers_of_one_request_consume_what_they_take() -> None:
    outcome = select(hosts(2, vcpus=2), ask(request(vcpus=1), servers=5))
    placed = chosen(outcome)
    assert sorted(filter(None, placed)) == ["h1", "h1", "h2", "h2"]
    assert placed[4] is None
    assert outcome.selected.counts == {"VCPU": 2}


def test_servers_of_one_request_spread_over_equal_hosts() -> None:
    outcome = select(hosts(4), ask(request(), servers=8))
    assert sorted(chosen(outcome)) == ["h1", "h1", "h2", "h2", "h3", "h3", "h4", "h4"]


def test_many_servers_are_placed_as_if_each_had_been_asked_for_alone() -> None:
    alone, together = ([host("a", ram=9000), host("b", ram=8000), host("c")] for _ in range(2))
    one_by_one = [chosen(select(alone, ask(request(ram=700))))[0] for _ in range(20)]
    at_once = chosen(select(together, ask(request(ram=700), servers=20)))
    assert at_once == one_by_one


def test_alternates_are_of_the_same_cell() -> None:
    seen = [host("a", ram=9000), host("b", ram=8000, cell="cell2"), host("c", ram=7000)]
    outcome = select(seen, ask(request(), alternates=2))
    assert chosen(outcome) == ["a"]
    assert alternates(outcome) == ["c"]


def test_as_many_alternates_as_asked_for() -> None:
    assert len(alternates(select(hosts(9), ask(request(), alternates=3)))) == 3
    assert alternates(select(hosts(9), ask(request(), alternates=0))) == []


def test_hosts_that_were_tried_are_left_out() -> None:
    outcome = select(hosts(3), ask(request(), refused=["h1", "h2"]))
    assert chosen(outcome) == ["h3"]
    assert outcome.selected.counts == {"RetryFilter": 2}
    assert alternates(outcome) == []


def test_what_else_is_wrong_with_a_host_that_was_tried_is_the_better_reason() -> None:
    seen = [host("h1", ram=1), host("h2")]
    outcome = select(seen, ask(request(), refused=["h1", "h2"]))
    assert outcome.selected.counts == {"MEMORY_MB": 1, "RetryFilter": 1}


def test_a_forced_host_is_not_asked_the_choosable_filters() -> None:
    seen = [host("h1", disabled=True, io_workload=99), host("h2")]
    assert chosen(select(seen, ask(request(forced_host="h1")))) == ["h1"]
    assert chosen(select(seen, ask(request(requested_host="h1")))) == [None]


def test_a_forced_host_must_be_up_and_have_room() -> None:
    asked = ask(request(forced_host="h1"))
    assert select([host("h1", up=False)], asked).selected.counts == {"ComputeFilter": 1}
    assert select([host("h1", ram=100)], asked).selected.counts == {"MEMORY_MB": 1}


def test_one_of_the_best_is_taken_at_random() -> None:
    asked = ask(request())
    seen = [host("a", ram=9000), host("b", ram=8500), host("c", ram=8000)]
    taken = {chosen(select(copied(seen), asked, host_subset_size=2, seed=s))[0] for s in range(20)}
    assert taken == {"a", "b"}
    assert len(alternates(select(hosts(5), asked, host_subset_size=3))) == 2


def test_a_subset_larger_than_the_hosts_does_no_harm() -> None:
    outcome = select(hosts(2), ask(request(), servers=2), host_subset_size=10)
    assert None not in chosen(outcome)


def test_equals_are_taken_in_turn_or_at_random() -> None:
    def taken(**options: bool) -> set[str | None]:
        return {chosen(select(hosts(5), ask(request()), seed=s, **options))[0] for s in range(30)}

    assert taken() == {"h1"}
    assert len(taken(shuffle_best_same_weighed_hosts=True)) > 2


def test_chance_among_equals_never_beats_a_better_host() -> None:
    seen = [*hosts(5), host("best", ram=9999)]
    for seed in range(20):
        outcome = select(
            copied(seen), ask(request()), seed=seed, shuffle_best_same_weighed_hosts=True
        )
        assert chosen(outcome) == ["best"]


def test_affinity_holds_within_one_request() -> None:
    spec = request(group=group(GroupPolicy.AFFINITY))
    placed = chosen(select(hosts(3), ask(spec, servers=4)))
    assert len(set(placed)) == 1
    assert spec.group is not None and spec.group.members_on == {}


def test_affinity_ends_where_the_host_is_full() -> None:
    outcome = select(hosts(3, vcpus=2), ask(request(group=group(GroupPolicy.AFFINITY)), servers=3))
    assert [bool(one) for one in chosen(outcome)] == [True, True, False]
    assert outcome.selected.counts == {"ServerGroupAffinityFilter": 2, "VCPU": 1}


def test_anti_affinity_holds_within_one_request() -> None:
    spec = request(group=group(GroupPolicy.ANTI_AFFINITY, h2=1))
    outcome = select(hosts(3), ask(spec, servers=3))
    assert chosen(outcome) == ["h1", "h3", None]
    assert outcome.selected.counts == {"ServerGroupAntiAffinityFilter": 3}


def test_soft_affinity_prefers_and_does_not_insist() -> None:
    together = ask(request(group=group(GroupPolicy.SOFT_AFFINITY)), servers=4)
    weight = {"multipliers": {"soft_affinity_weight_multiplier": 10.0}}
    placed = chosen(select(hosts(3, vcpus=3), together, **weight))
    assert placed[:3] == ["h1"] * 3
    assert placed[3] in ("h2", "h3")


def test_soft_anti_affinity_prefers_and_does_not_insist() -> None:
    apart = ask(request(group=group(GroupPolicy.SOFT_ANTI_AFFINITY)), servers=4)
    weight = {"multipliers": {"soft_anti_affinity_weight_multiplier": 10.0}}
    placed = chosen(select([host("big", ram=99999), *hosts(2)], apart, **weight))
    assert sorted(placed[:3]) == ["big", "h1", "h2"]
    assert placed[3] == "big"


def test_a_host_that_fails_builds_is_the_last_choice() -> None:
    seen = [host("bad", ram=99999, failed_builds=1), host("good", ram=1024)]
    assert chosen(select(seen, ask(request()))) == ["good"]


def test_the_metadata_of_an_aggregate_sets_a_multiplier() -> None:
    said = [{"ram_weight_multiplier": "-5"}, {"ram_weight_multiplier": "junk"}]
    seen = [host("a", ram=9000, aggregates=said), host("b", ram=8000), host("c", ram=1000)]
    assert chosen(select(seen, ask(request()), weigh=(RAMWeigher,))) == ["b"]


def test_every_refused_host_counts_and_the_first_are_shown() -> None:
    seen = [*hosts(50, up=False), *hosts(50, ram=1)]
    outcome = select(seen, ask(request()), max_verdicts=10)
    assert outcome.selected.counts == {"ComputeFilter": 50, "MEMORY_MB": 50}
    shown = [verdict.reason.check for verdict in outcome.selected.verdicts]
    assert len(shown) == 10
    assert shown.count("MEMORY_MB") == 5


def test_the_lines_that_operators_search_for() -> None:
    seen = [*hosts(3, up=False), host("full", ram=1)]
    outcome = select(seen, ask(request()))
    lines = [filter_line(stage) for stage in outcome.stages]
    assert "Filter ComputeFilter returned 1 host(s)" in lines
    assert nothing_left_line("server-0", outcome.stages) == (
        "Filtering removed all hosts for the request with instance ID 'server-0'. Filter results: "
        "['ComputeFilter: (start: 4, end: 1)', 'NumInstancesFilter: (start: 1, end: 1)', "
        "'IoOpsFilter: (start: 1, end: 1)', 'ResourcesFilter: (start: 1, end: 0)']"
    )
    assert summary_line(outcome) == (
        "4 hosts: 3 ComputeFilter, 1 MEMORY_MB, 0 left; 0 of 1 servers placed"
    )


def test_no_hosts_at_all() -> None:
    outcome = select([], ask(request(), servers=2))
    assert chosen(outcome) == [None, None]
    assert summary_line(outcome) == "0 hosts: 0 left; 0 of 2 servers placed"


@pytest.mark.parametrize("resource", ["VCPU", "MEMORY_MB", "DISK_GB"])
def test_used_and_left_add_up(resource: str) -> None:
    seen = hosts(2)
    spec = request()
    select(seen, ask(spec, servers=6))
    assert sum(one.used[resource] for one in seen) == 6 * spec.resources[resource]
