# SPDX-License-Identifier: Apache-2.0
"""What the calls about hypervisors do."""

import uuid as uuidlib
from typing import Any

from nova_lite.api import pages
from nova_lite.api.pages import Page
from nova_lite.api.request import Request
from nova_lite.api.shapes import truth
from nova_lite.api.versions.behaviours import Behaviour
from nova_lite.domain import errors
from nova_lite.domain.host import ComputeNode


def _with_servers(request: Request) -> bool:
    return request.has(Behaviour.HYPERVISORS_BY_UUID) and truth(
        request.param("with_servers") or "false"
    )


def index(request: Request, clients: Any, target: None, body: None) -> Page:
    """GET /os-hypervisors, GET /os-hypervisors/detail"""
    list_nodes = clients.conductor.list_compute_nodes
    pattern = None
    if request.has(Behaviour.HYPERVISORS_BY_UUID):
        pattern = request.param("hypervisor_hostname_pattern")
    if pattern is not None:
        if request.query.keys() & {"limit", "marker"}:
            raise errors.Invalid(
                "Paging over hypervisors with the hypervisor_hostname_pattern query parameter "
                "is not supported."
            )
        found = list_nodes(
            request.context, hostname_pattern=pattern, with_servers=_with_servers(request)
        )
        if not found:
            raise errors.NotFound(f"No hypervisor matching '{pattern}' could be found.")
        return Page(items=found)
    if not request.has(Behaviour.HYPERVISOR_PAGES):
        return Page(items=list_nodes(request.context, with_servers=False))
    limit = pages.limit(request)
    found = list_nodes(
        request.context,
        with_servers=_with_servers(request),
        limit=limit,
        marker=_marker(request, clients),
    )
    return Page(items=found, limit=limit)


def _marker(request: Request, clients: Any) -> str | None:
    """A uuid; a number before 2.53."""
    marker = pages.marker(request)
    if marker is None or request.has(Behaviour.HYPERVISORS_BY_UUID):
        return marker
    for node in clients.conductor.list_compute_nodes(request.context):
        if str(node.id) == marker:
            return str(node.uuid)
    raise errors.MarkerNotFound(marker=marker)


def show(request: Request, clients: Any, target: None, body: None) -> ComputeNode:
    """GET /os-hypervisors/{id}, GET /os-hypervisors/{id}/uptime"""
    wanted = request.params["id"]
    missing = errors.NotFound(f"Hypervisor with ID '{wanted}' could not be found.")
    if request.has(Behaviour.HYPERVISORS_BY_UUID):
        try:
            uuidlib.UUID(wanted)
        except ValueError:
            raise errors.Invalid(f"Invalid uuid {wanted}") from None
        found = clients.conductor.list_compute_nodes(
            request.context, uuid=wanted, with_servers=_with_servers(request)
        )
    else:
        nodes = clients.conductor.list_compute_nodes(request.context)
        found = [node for node in nodes if str(node.id) == wanted]
    if not found:
        raise missing
    node: ComputeNode = found[0]
    return node


def uptime(request: Request, clients: Any, target: None, body: None) -> ComputeNode:
    """GET /os-hypervisors/{id}/uptime"""
    node = show(request, clients, target, body)
    if not node.service.up:
        raise errors.Invalid(
            f"Compute service of {node.host} is unavailable at this time.",
        )
    return node


def named(request: Request, clients: Any, target: None, body: None) -> list[ComputeNode]:
    """GET /os-hypervisors/{id}/search, GET /os-hypervisors/{id}/servers"""
    pattern = request.params["id"]
    found: list[ComputeNode] = clients.conductor.list_compute_nodes(
        request.context, hostname_pattern=pattern, with_servers=True
    )
    if not found:
        raise errors.NotFound(f"No hypervisor matching '{pattern}' could be found.")
    return found


def statistics(request: Request, clients: Any, target: None, body: None) -> list[ComputeNode]:
    """GET /os-hypervisors/statistics: over the services that are enabled"""
    nodes = clients.conductor.list_compute_nodes(request.context)
    return [node for node in nodes if not node.service.disabled]
