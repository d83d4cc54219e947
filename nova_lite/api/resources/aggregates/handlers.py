# SPDX-License-Identifier: Apache-2.0
"""What the calls about host aggregates do."""

from typing import Any, Final

from nova_lite.api.request import Request
from nova_lite.domain import errors
from nova_lite.domain.aggregate import ZONE_KEY, Aggregate, find

LONGEST_ID: Final = 11  # digits, of what a database takes for one


def index(request: Request, clients: Any, target: None, body: None) -> list[Aggregate]:
    """GET /os-aggregates"""
    found: list[Aggregate] = clients.conductor.list_aggregates(request.context)
    return found


def show(request: Request, clients: Any, target: None, body: None) -> Aggregate:
    """GET /os-aggregates/{id}"""
    return find(index(request, clients, target, body), _number(request))


def create(request: Request, clients: Any, target: None, body: Any) -> Aggregate:
    """POST /os-aggregates"""
    wish = body["aggregate"]
    made: Aggregate = clients.conductor.create_aggregate(
        request.context, name=wish["name"].strip(), zone=wish.get("availability_zone")
    )
    return made


def update(request: Request, clients: Any, target: None, body: Any) -> Aggregate:
    """PUT /os-aggregates/{id}"""
    wish = body["aggregate"]
    name = wish.get("name")
    metadata = {ZONE_KEY: wish[ZONE_KEY]} if ZONE_KEY in wish else {}
    changed: Aggregate = clients.conductor.update_aggregate(
        request.context,
        aggregate_id=_number(request),
        name=name.strip() if name else None,
        metadata=metadata,
    )
    return changed


def delete(request: Request, clients: Any, target: None, body: None) -> None:
    """DELETE /os-aggregates/{id}"""
    clients.conductor.delete_aggregate(request.context, aggregate_id=_number(request))


def add_host(request: Request, clients: Any, target: None, body: Any) -> Aggregate:
    """Action add_host"""
    changed: Aggregate = clients.conductor.add_aggregate_host(
        request.context, aggregate_id=_number(request), host=body["add_host"]["host"]
    )
    return changed


def remove_host(request: Request, clients: Any, target: None, body: Any) -> Aggregate:
    """Action remove_host"""
    changed: Aggregate = clients.conductor.remove_aggregate_host(
        request.context, aggregate_id=_number(request), host=body["remove_host"]["host"]
    )
    return changed


def set_metadata(request: Request, clients: Any, target: None, body: Any) -> Aggregate:
    """Action set_metadata; null takes a key away."""
    changed: Aggregate = clients.conductor.update_aggregate(
        request.context,
        aggregate_id=_number(request),
        metadata=body["set_metadata"]["metadata"],
    )
    return changed


def cache_images(request: Request, clients: Any, target: None, body: Any) -> None:
    """POST /os-aggregates/{id}/images"""
    clients.conductor.cache_images(
        request.context,
        aggregate_id=_number(request),
        image_ids=[wish["id"] for wish in body["cache"]],
    )


def _number(request: Request) -> int:
    wanted = request.params["id"]
    if not (wanted.isascii() and wanted.isdecimal() and len(wanted) < LONGEST_ID):
        raise errors.Invalid(f"Invalid aggregate id {wanted}")
    return int(wanted)
