# SPDX-License-Identifier: Apache-2.0
"""Server groups while servers are placed: where the members are, and that it stays right.

The scheduler goes by what it is told before. Two servers of a group that are placed at the same
time are kept apart (or together) by the transaction that writes their host: it locks the rows
of all members, so one of the two sees the other.
"""

from typing import Final

from msgspec.structs import replace

from nova_lite.conductor.run import Run
from nova_lite.db.api import groups
from nova_lite.db.cell import instances
from nova_lite.db.databases import Databases
from nova_lite.db.engine import Tx
from nova_lite.domain import errors
from nova_lite.domain.cell import Cell
from nova_lite.domain.group import GroupPlacement, GroupPolicy, ServerGroup
from nova_lite.domain.request import RequestSpec

HARD: Final = (GroupPolicy.AFFINITY, GroupPolicy.ANTI_AFFINITY)


def placement(databases: Databases, cell: Cell, group: ServerGroup) -> GroupPlacement:
    """Where the members of a group are now."""
    members_on: dict[str, int] = {}
    if group.members:
        with databases.read_cell(cell) as tx:
            for brief in instances.briefs(tx, uuids=group.members):
                if brief.host is not None:
                    members_on[brief.host] = members_on.get(brief.host, 0) + 1
    return GroupPlacement(
        uuid=group.uuid,
        policy=group.policy,
        max_server_per_host=group.rules.get("max_server_per_host", 1),
        members_on=members_on,
    )


def group_of(run: Run, spec: RequestSpec) -> ServerGroup | None:
    """The group as it is now; None when it was deleted, which ends its policy."""
    if spec.group is None:
        return None
    try:
        with run.deps.databases.read_api() as tx:
            return groups.get(tx, spec.group.uuid)
    except errors.ServerGroupNotFound:
        return None


def with_members(run: Run, spec: RequestSpec) -> RequestSpec:
    """The spec with its group as it is now."""
    if spec.group is None:
        return spec
    group = group_of(run, spec)
    if group is None:
        return replace(spec, group=None)
    return replace(spec, group=placement(run.deps.databases, run.cell, group))


def check(tx: Tx, run: Run, group: ServerGroup, host: str) -> None:
    """Raise GroupPolicyBroken when `host` is not right for the server any more."""
    others = [uuid for uuid in group.members if uuid != run.instance.uuid]
    if not others or group.policy not in HARD:
        return
    hosts = instances.locked_hosts(tx, [*others, run.instance.uuid])
    taken = [hosts[uuid] for uuid in others if hosts.get(uuid) is not None]
    if group.policy is GroupPolicy.AFFINITY:
        broken = bool(taken) and host not in taken
    else:
        broken = taken.count(host) >= group.rules.get("max_server_per_host", 1)
    if broken:
        raise errors.GroupPolicyBroken(policy=str(group.policy), group_id=group.uuid)
