# SPDX-License-Identifier: Apache-2.0
"""Server groups: wishes about which servers share a host."""

import enum

import msgspec


class GroupPolicy(enum.StrEnum):
    AFFINITY = "affinity"
    ANTI_AFFINITY = "anti-affinity"
    SOFT_AFFINITY = "soft-affinity"
    SOFT_ANTI_AFFINITY = "soft-anti-affinity"


class ServerGroup(msgspec.Struct, frozen=True, kw_only=True):
    """`members` are the uuids of servers that are not deleted."""

    uuid: str
    name: str
    project_id: str
    user_id: str
    policy: GroupPolicy
    rules: dict[str, int] = {}
    members: list[str] = []


class GroupQuery(msgspec.Struct, frozen=True, kw_only=True):
    """project_id None = every project."""

    project_id: str | None
    limit: int = 1000
    offset: int = 0


class GroupPlacement(msgspec.Struct, frozen=True, kw_only=True):
    """What the scheduler needs to know of a group: how many members each host has now."""

    uuid: str
    policy: GroupPolicy
    max_server_per_host: int = 1
    members_on: dict[str, int] = {}
