# SPDX-License-Identifier: Apache-2.0
"""What the calls about tags of servers do."""

from typing import Any, Final
from urllib.parse import quote

from nova_lite.api.request import Request
from nova_lite.api.resources.servers.schema import DEVICE_TAG
from nova_lite.api.route import Answer
from nova_lite.domain import errors, lifecycle
from nova_lite.domain.brief import ECHO, brief
from nova_lite.domain.instance import Instance, TagChange
from nova_lite.domain.states import Action

CREATED: Final = 201


def index(request: Request, clients: Any, target: Instance, body: None) -> list[str]:
    """GET /servers/{server_id}/tags"""
    return target.tags


def show(request: Request, clients: Any, target: Instance, body: None) -> None:
    """GET /servers/{server_id}/tags/{id}"""
    if request.params["id"] not in target.tags:
        raise _absent(target, request.params["id"])


def update_all(request: Request, clients: Any, target: Instance, body: Any) -> list[str]:
    """PUT /servers/{server_id}/tags"""
    return _change(request, clients, target, add=body["tags"], replace=True).after


def delete_all(request: Request, clients: Any, target: Instance, body: None) -> None:
    """DELETE /servers/{server_id}/tags"""
    _change(request, clients, target, replace=True)


def update(request: Request, clients: Any, target: Instance, body: None) -> Answer:
    """PUT /servers/{server_id}/tags/{id}"""
    tag = request.params["id"]
    _check(tag)
    changed = _change(request, clients, target, add=[tag])
    if tag in changed.before:
        return Answer()
    where = f"{request.links.location('servers', target.uuid)}/tags/{quote(tag)}"
    return Answer(status=CREATED, headers={"Location": where})


def delete(request: Request, clients: Any, target: Instance, body: None) -> None:
    """DELETE /servers/{server_id}/tags/{id}"""
    tag = request.params["id"]
    if tag not in _change(request, clients, target, remove=[tag]).before:
        raise _absent(target, tag)


def _check(tag: str) -> None:
    """As schemas do it, for what stands in the path."""
    if len(tag) > DEVICE_TAG["maxLength"] or "," in tag or "/" in tag:
        raise errors.Invalid(
            f"Invalid tag {brief(tag, ECHO)!r}: 1 to 60 characters, without ',' and '/'"
        )


def _absent(server: Instance, tag: str) -> errors.NotFound:
    return errors.NotFound(f"Server {server.uuid} has no tag '{tag}'")


def _change(
    request: Request,
    clients: Any,
    server: Instance,
    *,
    add: list[str] | None = None,
    remove: list[str] | None = None,
    replace: bool = False,
) -> TagChange:
    is_admin = request.context.is_admin
    lifecycle.check(Action.SET_TAGS, server.snapshot(), is_admin=is_admin)
    changed: TagChange = clients.conductor.change_tags(
        request.context, uuid=server.uuid, add=add or [], remove=remove or [], replace=replace
    )
    return changed
