# SPDX-License-Identifier: Apache-2.0
"""What the calls about resources do, the same for each kind."""

import logging
from typing import Any

from nova_lite.api import network_rows as store
from nova_lite.api.network import body, listing, view
from nova_lite.api.network.attribute import Attribute, Kind
from nova_lite.api.network.body import Given
from nova_lite.api.network.call import Call, Reply
from nova_lite.api.network.policy import PREFIX, name
from nova_lite.base import policy
from nova_lite.domain import errors
from nova_lite.domain.network_query import NetworkKind

LOG = logging.getLogger(__name__)


def index(kind: Kind, call: Call) -> Reply:
    """GET /v2.0/networks"""
    policy.authorize(call.context, name("get", kind))
    wanted = listing.read(kind, call.query)
    found = [] if wanted.query is None else store.find(call.conductor, call.context, wanted.query)
    make = view.of(kind, call.context, wanted.fields)
    content: dict[str, Any] = {kind.many: list(map(make, found))}
    if wanted.query is not None and found and len(found) == wanted.query.limit:
        onward = listing.next_page(call.query, found[-1].id)
        href = call.url(f"{PREFIX}/{kind.path}?{onward}")
        content[f"{kind.many}_links"] = [{"rel": "next", "href": href}]
    return Reply(200, content)


def show(kind: Kind, call: Call) -> Reply:
    """GET /v2.0/networks/{id}"""
    policy.authorize(call.context, name("get", kind))
    found = store.get(call.conductor, call.context, kind.kind, call.id)
    return Reply(200, {kind.one: view.of(kind, call.context, listing.fields(call.query))(found)})


def create(kind: Kind, call: Call) -> Reply:
    """POST /v2.0/networks, of one or of a list: of the list all or none are made."""
    wishes, many = body.of_creation(kind, call.body)
    for wish in wishes:
        _authorize_creation(kind, call, wish)
    make = view.of(kind, call.context)
    made: list[Any] = []
    try:
        for wish in wishes:
            made.append(store.create(call.conductor, call.context, kind.kind, wish.values))
    except errors.NovaLiteError:
        _unmake(kind, call, made)
        raise
    if many:
        return Reply(201, {kind.many: list(map(make, made))})
    return Reply(201, {kind.one: make(made[0])})


def update(kind: Kind, call: Call) -> Reply:
    """PUT /v2.0/networks/{id}"""
    change = body.of_update(kind, call.body)
    before = store.get(call.conductor, call.context, kind.kind, call.id)
    target = {"project_id": before.project_id}
    policy.authorize(call.context, name("update", kind), target)
    network_id = before.network_id if kind.kind is NetworkKind.PORT else None
    _authorize_guarded(kind, call, "update", change, target, network_id)
    after = store.update(call.conductor, call.context, kind.kind, call.id, change.values)
    return Reply(200, {kind.one: view.of(kind, call.context)(after)})


def delete(kind: Kind, call: Call) -> Reply:
    """DELETE /v2.0/networks/{id}"""
    before = store.get(call.conductor, call.context, kind.kind, call.id)
    policy.authorize(call.context, name("delete", kind), {"project_id": before.project_id})
    store.delete(call.conductor, call.context, kind.kind, call.id)
    return Reply(204)


def _authorize_creation(kind: Kind, call: Call, wish: Given) -> None:
    """The values keep a project only where it is another one than the caller's."""
    own = call.context.project_id
    project = wish.values.get("project_id", own)
    target: dict[str, Any] = {"project_id": project}
    policy.authorize(call.context, name("create", kind), target)
    if project == own:
        wish.values.pop("project_id", None)
    network_id = wish.values["network_id"] if kind.kind is NetworkKind.PORT else None
    _authorize_guarded(kind, call, "create", wish, target, network_id)


def _authorize_guarded(
    kind: Kind, call: Call, verb: str, given: Given, target: dict[str, Any], network_id: str | None
) -> None:
    """Ask the rules of attributes; `network_id` is that of a port, whose owner they ask about."""
    guarded = [each for each in given.guarded if not _harmless(each, given.values[each.field])]
    if guarded and network_id is not None:
        network = store.get(call.conductor, call.context, NetworkKind.NETWORK, network_id)
        target = {**target, "network_project_id": network.project_id}
    for attribute in guarded:
        policy.authorize(call.context, name(verb, kind, attribute), target)


def _harmless(attribute: Attribute, value: Any) -> bool:
    """To say which subnet an address shall be of is no privilege."""
    return attribute.name == "fixed_ips" and not any("address" in each for each in value)


def _unmake(kind: Kind, call: Call, made: list[Any]) -> None:
    for each in reversed(made):
        try:
            store.delete(call.conductor, call.context, kind.kind, each.id)
        except errors.NovaLiteError as error:
            LOG.warning("%s %s of a list that failed stays: %s", kind.words, each.id, error)
