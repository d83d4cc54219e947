# SPDX-License-Identifier: Apache-2.0
from nova_lite.domain.group import GroupPolicy
from nova_lite.scheduler.plugin import Weigher
from nova_lite.scheduler.settings import Settings
from nova_lite.scheduler.weighers import ServerGroupSoftAntiAffinityWeigher
from tests.unit.scheduler.harness import group, host, request, score


def test_members_on_the_host_count_against_it() -> None:
    asked = request(group=group(GroupPolicy.SOFT_ANTI_AFFINITY, h1=2))
    assert score(ServerGroupSoftAntiAffinityWeigher, host("h1"), asked) == -2
    assert score(ServerGroupSoftAntiAffinityWeigher, host("h2"), asked) == 0


def test_only_for_its_own_policy() -> None:
    one: Weigher = ServerGroupSoftAntiAffinityWeigher(Settings())
    assert one.needed(request(group=group(GroupPolicy.SOFT_ANTI_AFFINITY)))
    assert not one.needed(request(group=group(GroupPolicy.SOFT_AFFINITY)))
    assert not one.needed(request())
