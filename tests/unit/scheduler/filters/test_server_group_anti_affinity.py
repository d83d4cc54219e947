# SPDX-License-Identifier: Apache-2.0
from nova_lite.domain.group import GroupPolicy
from nova_lite.scheduler.filters import ServerGroupAntiAffinityFilter
from tests.unit.scheduler.harness import group, host, refuses, request


def test_one_server_of_the_group_on_a_host() -> None:
    asked = request(group=group(GroupPolicy.ANTI_AFFINITY, h1=1))
    assert refuses(ServerGroupAntiAffinityFilter, host("h1"), asked) is not None
    assert refuses(ServerGroupAntiAffinityFilter, host("h2"), asked) is None


def test_as_many_as_the_rule_allows() -> None:
    asked = request(group=group(GroupPolicy.ANTI_AFFINITY, 3, h1=2, h2=3))
    assert refuses(ServerGroupAntiAffinityFilter, host("h1"), asked) is None
    reason = refuses(ServerGroupAntiAffinityFilter, host("h2"), asked)
    assert reason is not None and (reason.wanted, reason.has) == ("less than 3", "3")


def test_other_policies_are_none_of_its_business() -> None:
    for policy in set(GroupPolicy) - {GroupPolicy.ANTI_AFFINITY}:
        asked = request(group=group(policy, h1=1))
        assert refuses(ServerGroupAntiAffinityFilter, host("h1"), asked) is None
