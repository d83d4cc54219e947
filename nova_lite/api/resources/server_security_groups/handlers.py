# SPDX-License-Identifier: Apache-2.0
"""What the calls about security groups of servers do."""

from typing import Any

import msgspec

from nova_lite.api.request import Request
from nova_lite.api.resources.server_security_groups.view import Groups
from nova_lite.domain import lifecycle
from nova_lite.domain.instance import Instance
from nova_lite.domain.network import SecurityGroup
from nova_lite.domain.network_query import NetworkKind, NetworkQuery
from nova_lite.domain.states import Action


def index(request: Request, clients: Any, target: Instance, body: None) -> Groups:
    """GET /servers/{server_id}/os-security-groups"""
    found: list[SecurityGroup] = clients.conductor.list_server_security_groups(
        request.context, uuid=target.uuid
    )
    return with_named(request, clients, found)


def with_named(request: Request, clients: Any, found: list[SecurityGroup]) -> Groups:
    """Together with the groups that their rules name."""
    known = {group.id: group for group in found}
    named = {rule.remote_group for group in found for rule in group.rules}
    missing = sorted(each for each in named if each is not None and each not in known)
    if missing:
        text = clients.conductor.list_network_resources(
            request.context,
            query=NetworkQuery(kind=NetworkKind.SECURITY_GROUP, filters={"id": missing}),
        )
        more = msgspec.json.decode(text, type=list[SecurityGroup])
        known |= {group.id: group for group in more}
    return Groups(found, known)


def add(request: Request, clients: Any, target: Instance, body: Any) -> None:
    """POST /servers/{id}/action {"addSecurityGroup": ...}"""
    _change(request, clients, target, body["addSecurityGroup"], Action.ADD_SECURITY_GROUP)


def remove(request: Request, clients: Any, target: Instance, body: Any) -> None:
    """POST /servers/{id}/action {"removeSecurityGroup": ...}"""
    _change(request, clients, target, body["removeSecurityGroup"], Action.REMOVE_SECURITY_GROUP)


def _change(
    request: Request, clients: Any, target: Instance, given: dict[str, str], action: Action
) -> None:
    lifecycle.check(action, target.snapshot(), is_admin=request.context.is_admin)
    clients.conductor.change_security_group(
        request.context,
        uuid=target.uuid,
        name=given["name"].strip(),
        member=action is Action.ADD_SECURITY_GROUP,
    )
