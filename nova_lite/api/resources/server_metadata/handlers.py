# SPDX-License-Identifier: Apache-2.0
"""What the calls about the metadata of servers do."""

from typing import Any

from nova_lite.api.request import Request
from nova_lite.domain import errors, lifecycle
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import Action

Metadata = dict[str, str]


def index(request: Request, clients: Any, target: Instance, body: None) -> Metadata:
    """GET /servers/{server_id}/metadata"""
    return target.metadata


def show(request: Request, clients: Any, target: Instance, body: None) -> Metadata:
    """GET /servers/{server_id}/metadata/{id}"""
    key = request.params["id"]
    return {key: _value(target, key)}


def create(request: Request, clients: Any, target: Instance, body: Any) -> Metadata:
    """POST /servers/{server_id}/metadata: what is not named stays."""
    return _change(request, clients, target, body["metadata"])


def update_all(request: Request, clients: Any, target: Instance, body: Any) -> Metadata:
    """PUT /servers/{server_id}/metadata: what is not named goes."""
    return _change(request, clients, target, body["metadata"], replace=True)


def update(request: Request, clients: Any, target: Instance, body: Any) -> Metadata:
    """PUT /servers/{server_id}/metadata/{id}"""
    key = request.params["id"]
    if key not in body["meta"]:
        raise errors.Invalid("Request body and URI mismatch")
    _change(request, clients, target, body["meta"])
    return dict(body["meta"])


def delete(request: Request, clients: Any, target: Instance, body: None) -> None:
    """DELETE /servers/{server_id}/metadata/{id}"""
    key = request.params["id"]
    _value(target, key)
    _change(request, clients, target, {key: None})


def _value(server: Instance, key: str) -> str:
    if key not in server.metadata:
        raise errors.NotFound("Metadata item was not found")
    return server.metadata[key]


def _change(
    request: Request,
    clients: Any,
    server: Instance,
    changes: dict[str, Any],
    *,
    replace: bool = False,
) -> Metadata:
    is_admin = request.context.is_admin
    lifecycle.check(Action.SET_METADATA, server.snapshot(), is_admin=is_admin)
    changed: Metadata = clients.conductor.change_metadata(
        request.context, uuid=server.uuid, changes=changes, replace=replace
    )
    return changed
