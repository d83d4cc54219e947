# SPDX-License-Identifier: Apache-2.0
"""Server groups: servers that are placed at the same moment keep the policy."""

from collections.abc import Callable

import pytest

from nova_lite.base import concurrency
from nova_lite.base.context import service_context
from nova_lite.domain import errors
from nova_lite.domain.group import GroupPlacement, GroupPolicy, ServerGroup
from nova_lite.domain.request import Selected, Selection, SelectRequest
from nova_lite.domain.states import Action, VmState
from tests.fixtures.conducting import PROJECT, USER, Cloud, a_context
from tests.fixtures.wait import wait_for

GROUP = "9a0b1a52-3c1f-4d8e-8c3e-5f1d1f0a0001"


def a_cloud(make_cloud: Callable[..., Cloud], policy: GroupPolicy, hosts: int) -> Cloud:
    cloud = make_cloud(hosts=hosts)
    cloud.process()
    group = ServerGroup(uuid=GROUP, name="g", project_id=PROJECT, user_id=USER, policy=policy)
    cloud.processes[0].create_group(a_context(), group=group)
    cloud.scheduler.answer = lambda request: by_members(cloud, request)
    return cloud


def by_members(cloud: Cloud, request: SelectRequest) -> Selected:
    """The first host that the policy allows by what is known."""
    group = request.spec.group
    assert group is not None
    allowed = [pick for pick in cloud.scheduler.picks if _allows(group, pick.host)]
    selections = [Selection(uuid=uuid, hosts=allowed[:1]) for uuid in request.uuids]
    return Selected(selections=selections, considered=len(cloud.scheduler.picks))


def _allows(group: GroupPlacement, host: str) -> bool:
    if group.policy is GroupPolicy.AFFINITY:
        return not group.members_on or host in group.members_on
    return group.members_on.get(host, 0) < group.max_server_per_host


def create_at_once(cloud: Cloud, count: int) -> list[str]:
    def create() -> str:
        return cloud.create(scheduler_hints={"group": GROUP}).uuids[0]

    tasks = [concurrency.spawn(create) for _ in range(count)]
    uuids = [task.wait(20) for task in tasks]
    wait_for(lambda: not cloud.runs(), 40, "all builds to end")
    return uuids


def test_anti_affinity(make_cloud: Callable[..., Cloud]) -> None:
    cloud = a_cloud(make_cloud, GroupPolicy.ANTI_AFFINITY, hosts=4)
    servers = [cloud.get(uuid) for uuid in create_at_once(cloud, 6)]
    placed = [server.host for server in servers if server.vm_state is VmState.ACTIVE]
    assert sorted(map(str, placed)) == ["node1", "node2", "node3", "node4"]
    assert [s.vm_state for s in servers].count(VmState.ERROR) == 2
    assert servers[0].server_group == GROUP
    assert cloud.findings() == []


def test_affinity(make_cloud: Callable[..., Cloud]) -> None:
    cloud = a_cloud(make_cloud, GroupPolicy.AFFINITY, hosts=3)
    cloud.scheduler.picks.reverse()
    servers = [cloud.get(uuid) for uuid in create_at_once(cloud, 5)]
    assert {server.vm_state for server in servers} == {VmState.ACTIVE}
    assert len({server.host for server in servers}) == 1


def test_many_members_of_one_request(make_cloud: Callable[..., Cloud]) -> None:
    cloud = a_cloud(make_cloud, GroupPolicy.ANTI_AFFINITY, hosts=3)
    created = cloud.create(scheduler_hints={"group": GROUP}, min_count=3, max_count=3)
    hosts = {cloud.wait(uuid, VmState.ACTIVE).host for uuid in created.uuids}
    assert hosts == {"node1", "node2", "node3"}


def test_a_deleted_member_makes_room(make_cloud: Callable[..., Cloud]) -> None:
    cloud = a_cloud(make_cloud, GroupPolicy.ANTI_AFFINITY, hosts=1)
    (first,) = create_at_once(cloud, 1)
    cloud.processes[0].begin_action(a_context(), uuid=first, action=Action.DELETE, params={})
    cloud.wait_quiet()
    (second,) = create_at_once(cloud, 1)
    assert cloud.get(second).vm_state is VmState.ACTIVE


def test_the_group_is_gone_when_it_is_deleted(make_cloud: Callable[..., Cloud]) -> None:
    cloud = a_cloud(make_cloud, GroupPolicy.ANTI_AFFINITY, hosts=1)
    (uuid,) = create_at_once(cloud, 1)
    cloud.processes[0].delete_group(service_context(), uuid=GROUP)
    assert cloud.get(uuid).server_group is None


def test_an_unknown_group_is_refused(cloud: Cloud) -> None:
    with pytest.raises(errors.Invalid, match="Instance group .* could not be found"):
        cloud.create(scheduler_hints={"group": GROUP})


def test_a_full_group_is_refused(make_cloud: Callable[..., Cloud]) -> None:
    cloud = make_cloud(quota__server_group_members=2)
    cloud.process()
    group = ServerGroup(
        uuid=GROUP, name="g", project_id=PROJECT, user_id=USER, policy=GroupPolicy.SOFT_AFFINITY
    )
    cloud.processes[0].create_group(a_context(), group=group)
    cloud.create(scheduler_hints={"group": GROUP}, min_count=2, max_count=2)
    with pytest.raises(errors.ResourceLimitExceeded, match="too many servers in group"):
        cloud.create(scheduler_hints={"group": GROUP})
