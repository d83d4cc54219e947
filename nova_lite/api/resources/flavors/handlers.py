# SPDX-License-Identifier: Apache-2.0
"""What the calls about flavors do."""

from typing import Any

from nova_lite.api import pages
from nova_lite.api.pages import Page
from nova_lite.api.request import Request
from nova_lite.domain import errors
from nova_lite.domain.flavor import Flavor, FlavorQuery

SORT_KEYS = frozenset(
    "created_at description disabled ephemeral_gb flavorid id is_public memory_mb name root_gb "
    "rxtx_factor swap updated_at vcpus".split()
)
_NO_WORDS = frozenset({"0", "f", "false", "off", "n", "no"})
_YES_WORDS = frozenset({"1", "t", "true", "on", "y", "yes"})


def index(request: Request, clients: Any, target: None, body: None) -> Page:
    """GET /flavors, GET /flavors/detail"""
    limit = pages.limit(request)
    sort = pages.sort(request, [("flavorid", "asc")], SORT_KEYS, direction="asc")
    key, direction = sort[0]
    query = FlavorQuery(
        is_public=_is_public(request),
        min_ram=_least(request, "minRam"),
        min_disk=_least(request, "minDisk"),
        name=request.param("name"),
        limit=limit,
        marker=pages.marker(request),
        sort_key=key,
        sort_dir=direction,
    )
    return Page(items=clients.conductor.list_flavors(request.context, query=query), limit=limit)


def show(request: Request, clients: Any, target: None, body: None) -> Flavor:
    """GET /flavors/{id}"""
    flavor: Flavor = clients.conductor.get_flavor(request.context, flavorid=request.params["id"])
    return flavor


def _is_public(request: Request) -> bool | None:
    """Public ones only, for everybody but an administrator, who may say None for both."""
    if not request.context.is_admin:
        return True
    word = (request.param("is_public") or "true").strip().lower()
    if word == "none":
        return None
    if word in _YES_WORDS:
        return True
    if word in _NO_WORDS:
        return False
    raise errors.Invalid(f"Invalid is_public filter [{request.param('is_public')}]")


def _least(request: Request, name: str) -> int | None:
    word = request.param(name)
    if word is None:
        return None
    try:
        return int(word)
    except ValueError:
        raise errors.Invalid(f"Invalid {name} filter [{word}]") from None
