# SPDX-License-Identifier: Apache-2.0
"""What the calls about server groups do."""

from typing import Any

from nova_lite.api import pages
from nova_lite.api.request import Request
from nova_lite.api.resources.server_groups import policy
from nova_lite.base import ids
from nova_lite.domain import errors
from nova_lite.domain.group import GroupPolicy, GroupQuery, ServerGroup


def find(request: Request, clients: Any) -> ServerGroup:
    """The group of the path."""
    group: ServerGroup = clients.conductor.get_group(request.context, uuid=request.params["id"])
    return group


def index(request: Request, clients: Any, target: None, body: None) -> list[ServerGroup]:
    """GET /os-server-groups"""
    everywhere = False
    if "all_projects" in request.query and request.context.is_admin:
        request.authorize(policy.INDEX_ALL)
        everywhere = True
    query = GroupQuery(
        project_id=None if everywhere else request.context.project_id,
        limit=pages.limit(request),
        offset=pages.offset(request),
    )
    found: list[ServerGroup] = clients.conductor.list_groups(request.context, query=query)
    return found


def show(request: Request, clients: Any, target: ServerGroup, body: None) -> ServerGroup:
    """GET /os-server-groups/{id}"""
    return target


def create(request: Request, clients: Any, target: None, body: Any) -> ServerGroup:
    """POST /os-server-groups; before 2.64 the policy comes as a list of one."""
    wish = body["server_group"]
    chosen = GroupPolicy(wish["policy"] if "policy" in wish else wish["policies"][0])
    rules = {name: int(value) for name, value in wish.get("rules", {}).items()}
    if rules and chosen is not GroupPolicy.ANTI_AFFINITY:
        raise errors.Invalid("Only anti-affinity policy supports rules.")
    group = ServerGroup(
        uuid=ids.new_uuid(),
        name=wish["name"].strip(),
        project_id=request.context.project_id or "",
        user_id=request.context.user_id or "",
        policy=chosen,
        rules=rules,
    )
    made: ServerGroup = clients.conductor.create_group(request.context, group=group)
    return made


def delete(request: Request, clients: Any, target: ServerGroup, body: None) -> None:
    """DELETE /os-server-groups/{id}"""
    clients.conductor.delete_group(request.context, uuid=target.uuid)
