# SPDX-License-Identifier: Apache-2.0
"""What the calls about servers do; POST /servers is in create.py."""

from typing import Any

import msgspec

from nova_lite.api import pages
from nova_lite.api.pages import Page
from nova_lite.api.request import Request
from nova_lite.api.resources.servers import filters, policy
from nova_lite.api.versions.behaviours import Behaviour
from nova_lite.domain import errors
from nova_lite.domain.instance import Instance, InstanceChanges, InstanceSummary
from nova_lite.domain.request import Explanation
from nova_lite.domain.states import Action

_summaries = msgspec.json.Decoder(list[InstanceSummary]).decode
_instances = msgspec.json.Decoder(list[Instance]).decode


def index(request: Request, clients: Any, target: None, body: None) -> Page:
    """GET /servers"""
    limit = pages.limit(request)
    try:
        query = filters.query_of(request, policy.INDEX_ALL)
    except filters.Nothing:
        return Page(items=[], limit=limit)
    text = clients.conductor.list_instances(request.context, query=query, summary=True)
    found = _summaries(text)
    if not request.has(Behaviour.DOWN_CELLS_ARE_SHOWN):
        found = [server for server in found if not server.down]
    return Page(items=found, limit=limit)


def detail(request: Request, clients: Any, target: None, body: None) -> Page:
    """GET /servers/detail"""
    limit = pages.limit(request)
    try:
        query = filters.query_of(request, policy.DETAIL_ALL)
    except filters.Nothing:
        return Page(items=[], limit=limit)
    text = clients.conductor.list_instances(request.context, query=query, summary=False)
    return Page(items=_instances(text), limit=limit)


def show(request: Request, clients: Any, target: Instance, body: None) -> Instance:
    """GET /servers/{id}"""
    return target


def update(
    request: Request, clients: Any, target: Instance, body: dict[str, dict[str, Any]]
) -> Instance:
    """PUT /servers/{id}"""
    given = body["server"]
    changes: dict[str, Any] = {}
    for key, field in (
        ("name", "display_name"),
        ("description", "description"),
        ("hostname", "hostname"),
        ("accessIPv4", "access_ip_v4"),
        ("accessIPv6", "access_ip_v6"),
    ):
        if key in given:
            changes[field] = given[key]
    if "OS-DCF:diskConfig" in given:
        changes["auto_disk_config"] = given["OS-DCF:diskConfig"] == "AUTO"
    if "pinned_availability_zone" in given:
        changes["pinned_availability_zone"] = _pin(target, given["pinned_availability_zone"])
    updated: Instance = clients.conductor.update_instance(
        request.context, uuid=target.uuid, changes=InstanceChanges(**changes)
    )
    return updated


def _pin(server: Instance, zone: str | None) -> str | None:
    """None unpins; a server can be pinned to the zone that it is in, and to no other."""
    if zone is not None and zone != server.availability_zone:
        raise errors.Conflict(
            f"Instance {server.uuid} is in availability zone {server.availability_zone} "
            f"and cannot be pinned to {zone}."
        )
    return zone


def delete(request: Request, clients: Any, target: Instance, body: None) -> None:
    """DELETE /servers/{id}"""
    clients.conductor.begin_action(
        request.context, uuid=target.uuid, action=Action.DELETE, params={}
    )


def explain(request: Request, clients: Any, target: Instance, body: None) -> Explanation:
    """GET /servers/{id}/explain"""
    found: Explanation = clients.conductor.explain(request.context, uuid=target.uuid)
    return found
