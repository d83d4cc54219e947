# SPDX-License-Identifier: Apache-2.0
"""What the calls about actions of servers do."""

from typing import Any

from nova_lite.api import pages, validation
from nova_lite.api.pages import Page
from nova_lite.api.request import Request
from nova_lite.api.versions.behaviours import Behaviour
from nova_lite.domain import errors
from nova_lite.domain.events import ActionQuery, InstanceAction


def index(request: Request, clients: Any, target: None, body: None) -> Page:
    """GET /servers/{server_id}/os-instance-actions"""
    uuid = _server(request, clients)
    limit = pages.limit(request) if request.has(Behaviour.ACTION_PAGES) else None
    query = ActionQuery(
        instance_uuid=uuid,
        limit=limit,
        marker=pages.marker(request) if limit is not None else None,
        changes_since=_moment(request, "changes-since", Behaviour.ACTION_PAGES),
        changes_before=_moment(request, "changes-before", Behaviour.CHANGES_BEFORE),
    )
    since, before = query.changes_since, query.changes_before
    if since and before and since > before:
        raise errors.Invalid(
            "The value of changes-since must be less than or equal to changes-before."
        )
    return Page(items=clients.conductor.list_actions(request.context, query=query), limit=limit)


def show(request: Request, clients: Any, target: None, body: None) -> InstanceAction:
    """GET /servers/{server_id}/os-instance-actions/{id}"""
    found: InstanceAction = clients.conductor.get_action(
        request.context,
        instance_uuid=_server(request, clients),
        request_id=request.params["id"],
    )
    return found


def _server(request: Request, clients: Any) -> str:
    """The id of the server; one that is deleted only where its actions can be read still."""
    uuid = request.params["server_id"]
    if not request.has(Behaviour.ACTIONS_OF_DELETED):
        clients.conductor.get_instance(request.context, uuid=uuid)
    return uuid


def _moment(request: Request, name: str, since: Behaviour) -> Any:
    word = request.param(name)
    return validation.parse_time(word) if word and request.has(since) else None
