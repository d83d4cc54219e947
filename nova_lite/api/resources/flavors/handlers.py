# SPDX-License-Identifier: Apache-2.0
"""What the calls about flavors do."""

import re
from typing import Any

from nova_lite.api import pages
from nova_lite.api.pages import Page
from nova_lite.api.request import Request
from nova_lite.api.resources.flavors import extra_specs
from nova_lite.api.shapes import FALSE_WORDS, MAX_INT, TRUE_WORDS, truth
from nova_lite.api.versions.behaviours import Behaviour
from nova_lite.domain import errors
from nova_lite.domain.flavor import Flavor, FlavorAccess, FlavorQuery

SORT_KEYS = frozenset(
    "created_at description disabled ephemeral_gb flavorid id is_public memory_mb name root_gb "
    "rxtx_factor swap updated_at vcpus".split()
)


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
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise errors.Invalid(f"Invalid is_public filter [{request.param('is_public')}]")


def _least(request: Request, name: str) -> int | None:
    word = request.param(name)
    if word is None:
        return None
    if not re.fullmatch("-?[0-9]+", word):
        raise errors.Invalid(f"Invalid {name} filter [{word}]")
    return int(word) if len(word) < 10 else MAX_INT


def create(request: Request, clients: Any, target: None, body: Any) -> Flavor:
    """POST /flavors"""
    wish = body["flavor"]
    wanted = wish.get("id")
    flavor = Flavor(
        flavorid="" if wanted in (None, "", "auto") else str(wanted),
        name=wish["name"].strip(),
        vcpus=int(wish["vcpus"]),
        memory_mb=int(wish["ram"]),
        root_gb=int(wish["disk"]),
        ephemeral_gb=int(wish.get("OS-FLV-EXT-DATA:ephemeral", 0)),
        swap_mb=int(wish.get("swap", 0)),
        rxtx_factor=float(wish.get("rxtx_factor", 1.0)),
        is_public=truth(wish.get("os-flavor-access:is_public", True)),
        description=wish.get("description"),
    )
    made: Flavor = clients.conductor.create_flavor(request.context, flavor=flavor)
    return made


def update(request: Request, clients: Any, target: None, body: Any) -> Flavor:
    """PUT /flavors/{id}"""
    done: Flavor = clients.conductor.update_flavor(
        request.context,
        flavorid=request.params["id"],
        description=body["flavor"]["description"],
    )
    return done


def delete(request: Request, clients: Any, target: None, body: None) -> None:
    """DELETE /flavors/{id}"""
    clients.conductor.delete_flavor(request.context, flavorid=request.params["id"])


# --- access ---------------------------------------------------------------------------------


def access(request: Request, clients: Any, target: None, body: None) -> list[FlavorAccess]:
    """GET /flavors/{flavor_id}/os-flavor-access"""
    flavorid = request.params["flavor_id"]
    flavor = clients.conductor.get_flavor(request.context, flavorid=flavorid)
    if flavor.is_public:
        raise errors.NotFound("Access list not available for public flavors.")
    found: list[FlavorAccess] = clients.conductor.list_flavor_access(
        request.context, flavorid=flavorid
    )
    return found


def add_access(request: Request, clients: Any, target: None, body: Any) -> list[FlavorAccess]:
    """POST /flavors/{id}/action addTenantAccess"""
    flavorid = request.params["id"]
    flavor = clients.conductor.get_flavor(request.context, flavorid=flavorid)
    if flavor.is_public and request.has(Behaviour.NO_ACCESS_TO_PUBLIC_FLAVORS):
        raise errors.Conflict("Can not add access to a public flavor.")
    done: list[FlavorAccess] = clients.conductor.add_flavor_access(
        request.context, flavorid=flavorid, project_id=body["addTenantAccess"]["tenant"]
    )
    return done


def remove_access(request: Request, clients: Any, target: None, body: Any) -> list[FlavorAccess]:
    """POST /flavors/{id}/action removeTenantAccess"""
    done: list[FlavorAccess] = clients.conductor.remove_flavor_access(
        request.context,
        flavorid=request.params["id"],
        project_id=body["removeTenantAccess"]["tenant"],
    )
    return done


# --- extra specs ----------------------------------------------------------------------------


def specs(request: Request, clients: Any, target: None, body: None) -> dict[str, str]:
    """GET /flavors/{flavor_id}/os-extra_specs"""
    flavorid = request.params["flavor_id"]
    found: Flavor = clients.conductor.get_flavor(request.context, flavorid=flavorid)
    return found.extra_specs


def spec(request: Request, clients: Any, target: None, body: None) -> dict[str, str]:
    """GET /flavors/{flavor_id}/os-extra_specs/{id}"""
    key, found = request.params["id"], specs(request, clients, target, body)
    if key not in found:
        raise errors.FlavorExtraSpecNotFound(flavor_id=request.params["flavor_id"], key=key)
    return {key: found[key]}


def add_specs(request: Request, clients: Any, target: None, body: Any) -> dict[str, str]:
    """POST /flavors/{flavor_id}/os-extra_specs"""
    wanted = {key: str(value) for key, value in body["extra_specs"].items()}
    _set_specs(request, clients, wanted)
    return wanted


def update_spec(request: Request, clients: Any, target: None, body: Any) -> dict[str, str]:
    """PUT /flavors/{flavor_id}/os-extra_specs/{id}"""
    if request.params["id"] not in body:
        raise errors.Invalid("Request body and URI mismatch")
    wanted = {key: str(value) for key, value in body.items()}
    _set_specs(request, clients, wanted)
    return wanted


def _set_specs(request: Request, clients: Any, wanted: dict[str, str]) -> None:
    if request.has(Behaviour.EXTRA_SPECS_ARE_CHECKED):
        extra_specs.check(wanted)
    clients.conductor.set_extra_specs(
        request.context, flavorid=request.params["flavor_id"], specs=wanted
    )


def delete_spec(request: Request, clients: Any, target: None, body: None) -> None:
    """DELETE /flavors/{flavor_id}/os-extra_specs/{id}"""
    clients.conductor.delete_extra_spec(
        request.context, flavorid=request.params["flavor_id"], key=request.params["id"]
    )
