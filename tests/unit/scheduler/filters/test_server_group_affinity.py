# SPDX-License-Identifier: Apache-2.0
from nova_lite.domain.group import GroupPolicy
from nova_lite.scheduler.filters import ServerGroupAffinityFilter
from tests.unit.scheduler.harness import group, host, refuses, request


def test_the_first_server_may_go_anywhere() -> None:
    first = request(group=group(GroupPolicy.AFFINITY))
    assert refuses(ServerGroupAffinityFilter, host(), first) is None


def test_the_others_go_where_the_first_is() -> None:
    asked = request(group=group(GroupPolicy.AFFINITY, h1=1, h3=0))
    assert refuses(ServerGroupAffinityFilter, host("h1"), asked) is None
    assert refuses(ServerGroupAffinityFilter, host("h2"), asked) is not None
    assert refuses(ServerGroupAffinityFilter, host("h3"), asked) is not None


def test_other_policies_are_none_of_its_business() -> None:
    for policy in set(GroupPolicy) - {GroupPolicy.AFFINITY}:
        asked = request(group=group(policy, h1=1))
        assert refuses(ServerGroupAffinityFilter, host("h2"), asked) is None
    assert refuses(ServerGroupAffinityFilter, host("h2"), request()) is None
