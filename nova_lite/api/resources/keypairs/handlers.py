# SPDX-License-Identifier: Apache-2.0
"""What the calls about key pairs do."""

from typing import Any, NamedTuple

from nova_lite.api import pages
from nova_lite.api.pages import Page
from nova_lite.api.request import Request
from nova_lite.api.resources.keypairs import crypto, policy
from nova_lite.api.versions.behaviours import Behaviour
from nova_lite.domain.keypair import Keypair, KeypairQuery


class Created(NamedTuple):
    """A key pair, and the private key if it was made here."""

    keypair: Keypair
    private_key: str | None = None


def _user(request: Request, rule: str, named: str | None) -> str:
    """The user whose key pairs are meant, once the policy agrees."""
    known = request.has(Behaviour.KEYPAIRS_OF_OTHERS)
    user_id: str = (named if known else None) or request.context.user_id or ""
    request.authorize(rule, {"user_id": user_id, "project_id": request.context.project_id})
    return user_id


def index(request: Request, clients: Any, target: None, body: None) -> Page:
    """GET /os-keypairs"""
    user_id = _user(request, policy.INDEX, request.param("user_id"))
    if not request.has(Behaviour.KEYPAIR_PAGES):
        query = KeypairQuery(user_id=user_id, limit=request.conf.api.max_limit)
        return Page(items=clients.conductor.list_keypairs(request.context, query=query))
    limit = pages.limit(request)
    query = KeypairQuery(user_id=user_id, limit=limit, marker=pages.marker(request))
    return Page(items=clients.conductor.list_keypairs(request.context, query=query), limit=limit)


def show(request: Request, clients: Any, target: None, body: None) -> Keypair:
    """GET /os-keypairs/{id}"""
    user_id = _user(request, policy.SHOW, request.param("user_id"))
    found: Keypair = clients.conductor.get_keypair(
        request.context, user_id=user_id, name=request.params["id"]
    )
    return found


def create(request: Request, clients: Any, target: None, body: Any) -> Created:
    """POST /os-keypairs"""
    wish = body["keypair"]
    user_id = _user(request, policy.CREATE, wish.get("user_id"))
    kind = wish.get("type", "ssh")
    public, private = wish.get("public_key"), None
    if public is None:
        public, private = crypto.generate(kind, user_id)
    keypair = Keypair(
        name=wish["name"].strip(),
        user_id=user_id,
        type=kind,
        public_key=public,
        fingerprint=crypto.fingerprint(kind, public),
    )
    made = clients.conductor.create_keypair(request.context, keypair=keypair)
    return Created(made, private)


def delete(request: Request, clients: Any, target: None, body: None) -> None:
    """DELETE /os-keypairs/{id}"""
    user_id = _user(request, policy.DELETE, request.param("user_id"))
    clients.conductor.delete_keypair(request.context, user_id=user_id, name=request.params["id"])
