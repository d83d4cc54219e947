# SPDX-License-Identifier: Apache-2.0
import pytest

from nova_lite.base import ids
from nova_lite.conductor.handlers.groups import GroupHandlers
from nova_lite.db.api import groups as repository
from nova_lite.db.api import instance_mappings
from nova_lite.domain import errors
from nova_lite.domain.group import GroupPolicy, GroupQuery, ServerGroup
from tests.fixtures.databases import CELL1
from tests.functional.db.test_quotas import mapping


@pytest.fixture
def groups(deps) -> GroupHandlers:
    return GroupHandlers(deps)


def group(name: str = "g", project: str = "p1", **more: object) -> ServerGroup:
    values = {"uuid": ids.new_uuid(), "user_id": "alice", "policy": GroupPolicy.AFFINITY, **more}
    return ServerGroup(name=name, project_id=project, **values)  # type: ignore[arg-type]


def test_create_get_delete(groups, alice) -> None:
    wanted = group(policy=GroupPolicy.ANTI_AFFINITY, rules={"max_server_per_host": 3})
    assert groups.create_group(alice, group=wanted) == wanted
    assert groups.get_group(alice, uuid=wanted.uuid) == wanted
    groups.delete_group(alice, uuid=wanted.uuid)
    for call in (groups.get_group, groups.delete_group):
        with pytest.raises(errors.ServerGroupNotFound):
            call(alice, uuid=wanted.uuid)


def test_own_project_only(groups, alice, bob, admin) -> None:
    made = groups.create_group(alice, group=group())
    with pytest.raises(errors.ServerGroupNotFound):
        groups.get_group(bob, uuid=made.uuid)
    with pytest.raises(errors.ServerGroupNotFound):
        groups.delete_group(bob, uuid=made.uuid)
    with pytest.raises(errors.Forbidden):
        groups.create_group(bob, group=group())
    for project in (None, "p1"):
        assert groups.list_groups(bob, query=GroupQuery(project_id=project)) == []
        assert groups.list_groups(admin, query=GroupQuery(project_id=project)) == [made]
    assert groups.get_group(admin, uuid=made.uuid) == made


def test_pages(groups, alice) -> None:
    for number in range(4):
        groups.create_group(alice, group=group(f"g{number}"))
    found = groups.list_groups(alice, query=GroupQuery(project_id="p1", limit=2, offset=1))
    assert [one.name for one in found] == ["g1", "g2"]


def test_members_are_those_not_deleted(groups, alice, databases) -> None:
    made = groups.create_group(alice, group=group())
    servers = [mapping("p1") for _ in range(3)]
    with databases.api() as tx:
        instance_mappings.create(tx, databases.get_cell(CELL1), servers)
        uuids = [server.instance_uuid for server in servers]
        assert repository.add_members(tx, made.uuid, uuids[:2]) == 2
        assert repository.add_members(tx, made.uuid, uuids) == 3
        instance_mappings.mark_deleted(tx, uuids[0])
    assert groups.get_group(alice, uuid=made.uuid).members == uuids[1:]
    with databases.api() as tx:
        found = repository.group_of(tx, uuids[1])
        assert found is not None and found.uuid == made.uuid
        assert repository.remove_members(tx, uuids[1:2]) == 1
    assert groups.get_group(alice, uuid=made.uuid).members == uuids[2:]
    groups.delete_group(alice, uuid=made.uuid)
    with databases.read_api() as tx:
        assert repository.group_of(tx, uuids[2]) is None
        assert instance_mappings.get(tx, uuids[2]) is not None


def test_quota(groups, alice, conf) -> None:
    conf.set_override("server_groups", 1, "quota")
    groups.create_group(alice, group=group())
    with pytest.raises(errors.ResourceLimitExceeded):
        groups.create_group(alice, group=group())
