# SPDX-License-Identifier: Apache-2.0
"""What holds for every fleet and every request."""

from hypothesis import given, settings
from hypothesis import strategies as st

from nova_lite.domain.group import GroupPlacement, GroupPolicy
from nova_lite.domain.host import HostState, Inventory
from nova_lite.domain.request import SelectRequest
from tests.unit.scheduler.harness import ask, copied, host, request, select

CLASSES = ("VCPU", "MEMORY_MB", "DISK_GB")

inventories = st.builds(
    Inventory,
    total=st.integers(0, 40),
    reserved=st.integers(0, 5),
    ratio=st.sampled_from([0.5, 1.0, 1.5, 4.0]),
    min_unit=st.sampled_from([1, 1, 2]),
    max_unit=st.sampled_from([3, 2147483647]),
    step_size=st.sampled_from([1, 1, 2]),
)


@st.composite
def fleets(draw: st.DrawFn) -> list[HostState]:
    return [
        host(
            f"h{number}",
            inventory={name: draw(inventories) for name in CLASSES},
            used={name: draw(st.integers(0, 30)) for name in CLASSES},
            up=draw(st.integers(0, 4)) > 0,
            disabled=draw(st.integers(0, 4)) == 0,
            zone=draw(st.sampled_from(["north", "south"])),
            cell=draw(st.sampled_from(["one", "two"])),
            instances=draw(st.integers(0, 55)),
            io_workload=draw(st.integers(0, 9)),
            failed_builds=draw(st.integers(0, 2)),
        )
        for number in range(draw(st.integers(0, 12)))
    ]


@st.composite
def requests(draw: st.DrawFn) -> SelectRequest:
    group = None
    if draw(st.booleans()):
        group = GroupPlacement(
            uuid="g",
            policy=draw(st.sampled_from(list(GroupPolicy))),
            max_server_per_host=draw(st.integers(1, 3)),
            members_on=draw(
                st.dictionaries(st.sampled_from(["h0", "h1", "h2"]), st.integers(0, 2))
            ),
        )
    spec = request(
        resources={name: draw(st.integers(0, 4)) for name in CLASSES},
        availability_zone=draw(st.sampled_from([None, None, "north"])),
        forced_host=draw(st.sampled_from([None, None, None, "h1"])),
        ignore_hosts=draw(st.lists(st.sampled_from(["h2", "h3"]), max_size=1)),
        group=group,
    )
    return ask(
        spec,
        servers=draw(st.integers(1, 12)),
        alternates=draw(st.integers(0, 3)),
        refused=draw(st.lists(st.sampled_from(["h4", "h5"]), max_size=2)),
    )


fleet_and_request = given(fleets(), requests(), st.integers(1, 4), st.booleans())


@fleet_and_request
@settings(max_examples=300)
def test_no_host_is_ever_overcommitted(
    seen: list[HostState], asked: SelectRequest, subset: int, shuffle: bool
) -> None:
    before = {one.host: one for one in copied(seen)}
    outcome = select(seen, asked, host_subset_size=subset, shuffle_best_same_weighed_hosts=shuffle)
    taken = [s.hosts[0].host for s in outcome.selected.selections if s.hosts]
    for one in seen:
        servers = taken.count(one.host)
        for name in CLASSES:
            wanted = asked.spec.resources[name]
            was = before[one.host].used[name]
            assert one.used[name] == was + servers * wanted
            if servers and wanted:
                assert one.used[name] <= one.inventory[name].capacity
                assert one.inventory[name].min_unit <= wanted <= one.inventory[name].max_unit


@fleet_and_request
@settings(max_examples=300)
def test_every_host_is_left_or_has_one_reason(
    seen: list[HostState], asked: SelectRequest, subset: int, shuffle: bool
) -> None:
    outcome = select(seen, asked, host_subset_size=subset, shuffle_best_same_weighed_hosts=shuffle)
    selected = outcome.selected
    assert sum(selected.counts.values()) + outcome.left == selected.considered == len(seen)
    named = [verdict.host for verdict in selected.verdicts]
    assert len(named) == len(set(named)) == sum(selected.counts.values())
    assert all(verdict.reason.text for verdict in selected.verdicts)
    if any(not s.hosts for s in selected.selections):
        assert outcome.left == 0


@fleet_and_request
@settings(max_examples=300)
def test_answers_keep_to_the_request(
    seen: list[HostState], asked: SelectRequest, subset: int, shuffle: bool
) -> None:
    by_name = {one.host: one for one in copied(seen)}
    outcome = select(seen, asked, host_subset_size=subset, shuffle_best_same_weighed_hosts=shuffle)
    spec = asked.spec
    members = dict(spec.group.members_on) if spec.group else {}
    for selection in outcome.selected.selections:
        names = [pick.host for pick in selection.hosts]
        assert len(names) == len(set(names)) <= asked.alternates + 1
        assert len({pick.cell for pick in selection.hosts}) <= 1
        for name in names:
            assert by_name[name].up
            assert spec.forced_host in (None, name)
            assert name not in spec.ignore_hosts and name not in asked.refused
            assert spec.availability_zone in (None, by_name[name].zone)
        if names and spec.group and not spec.forced_host:
            if spec.group.policy is GroupPolicy.ANTI_AFFINITY:
                assert members.get(names[0], 0) < spec.group.max_server_per_host
            if spec.group.policy is GroupPolicy.AFFINITY and any(members.values()):
                assert members.get(names[0], 0) > 0
            members[names[0]] = members.get(names[0], 0) + 1
