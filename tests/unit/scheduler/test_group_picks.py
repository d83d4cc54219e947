# SPDX-License-Identifier: Apache-2.0


from nova_lite.base import clock
from nova_lite.domain.group import GroupPolicy
from nova_lite.domain.request import Pick, Selected, Selection, SelectRequest
from nova_lite.scheduler.group_picks import KEPT, GroupPicks
from tests.unit.scheduler.harness import group, request


def member(server: str, **members_on: int) -> SelectRequest:
    spec = request(group=group(GroupPolicy.ANTI_AFFINITY, **members_on))
    return SelectRequest(spec=spec, uuids=[server])


def place(picks: GroupPicks, server: str, host: str | None) -> None:
    hosts = [Pick(host=host, node=host, node_uuid=host, cell="c")] if host else []
    picks.note(member(server), Selected(selections=[Selection(uuid=server, hosts=hosts)]))


def known(picks: GroupPicks, asked: SelectRequest) -> dict[str, int]:
    completed = picks.complete(asked).spec.group
    assert completed is not None
    return completed.members_on


def test_what_was_placed_here_is_added(manual_clock: clock.ManualClock) -> None:
    picks = GroupPicks()
    place(picks, "a", "h1")
    place(picks, "b", "h1")
    assert known(picks, member("c", h2=1)) == {"h1": 2, "h2": 1}


def test_what_the_request_knows_already_is_not_counted_twice(
    manual_clock: clock.ManualClock,
) -> None:
    picks = GroupPicks()
    place(picks, "a", "h1")
    assert known(picks, member("c", h1=1)) == {"h1": 1}


def test_a_server_is_where_it_was_placed_last(manual_clock: clock.ManualClock) -> None:
    picks = GroupPicks()
    place(picks, "a", "h1")
    place(picks, "a", "h2")
    assert known(picks, member("c")) == {"h2": 1}
    assert known(picks, member("a")) == {}
    place(picks, "a", None)
    assert known(picks, member("c")) == {}


def test_old_picks_are_forgotten(manual_clock: clock.ManualClock) -> None:
    picks = GroupPicks()
    place(picks, "a", "h1")
    manual_clock.advance(KEPT + 1)
    assert known(picks, member("c")) == {}
    assert picks._picks == {}


def test_a_request_without_a_group_is_as_it_was() -> None:
    asked = SelectRequest(spec=request(), uuids=["a"])
    assert GroupPicks().complete(asked) is asked


def test_the_request_itself_is_not_changed(manual_clock: clock.ManualClock) -> None:
    picks = GroupPicks()
    place(picks, "a", "h1")
    asked = member("c")
    picks.complete(asked)
    assert asked.spec.group is not None and asked.spec.group.members_on == {}
