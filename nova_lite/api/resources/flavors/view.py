# SPDX-License-Identifier: Apache-2.0
"""Flavors as the newest microversion shows them."""

from typing import Any

from nova_lite.api.request import Request
from nova_lite.api.resources.flavors import policy
from nova_lite.api.view import LINKS_SCHEMA, Collection, Item, Make, closed
from nova_lite.domain.flavor import Flavor, FlavorAccess

_ID = {"type": "string"}
_NAME = {"type": "string"}
_DESCRIPTION = {"type": ["string", "null"]}

SUMMARY_SCHEMA = closed(
    {"id": _ID, "name": _NAME, "description": _DESCRIPTION, "links": LINKS_SCHEMA}
)
DETAIL_SCHEMA = closed(
    {
        "id": _ID,
        "name": _NAME,
        "ram": {"type": "integer"},
        "disk": {"type": "integer"},
        "vcpus": {"type": "integer"},
        "swap": {"type": "integer"},
        "OS-FLV-EXT-DATA:ephemeral": {"type": "integer"},
        "os-flavor-access:is_public": {"type": "boolean"},
        "description": _DESCRIPTION,
        "extra_specs": {"type": "object", "additionalProperties": {"type": "string"}},
        "links": LINKS_SCHEMA,
    },
    optional=["extra_specs"],
)


def _summary(request: Request) -> Make:
    links = request.links

    def make(flavor: Flavor) -> dict[str, Any]:
        return {
            "id": flavor.flavorid,
            "name": flavor.name,
            "description": flavor.description,
            "links": links.of("flavors", flavor.flavorid),
        }

    return make


def _detail(request: Request) -> Make:
    links = request.links
    shows_specs = request.allowed(policy.EXTRA_SPECS_INDEX)

    def make(flavor: Flavor) -> dict[str, Any]:
        item = {
            "id": flavor.flavorid,
            "name": flavor.name,
            "ram": flavor.memory_mb,
            "disk": flavor.root_gb,
            "vcpus": flavor.vcpus,
            "swap": flavor.swap_mb,
            "OS-FLV-EXT-DATA:ephemeral": flavor.ephemeral_gb,
            "os-flavor-access:is_public": flavor.is_public,
            "description": flavor.description,
            "links": links.of("flavors", flavor.flavorid),
        }
        if shows_specs:
            item["extra_specs"] = flavor.extra_specs
        return item

    return make


def _marker(flavor: Flavor) -> str:
    return flavor.flavorid


SUMMARIES = Collection(
    key="flavors",
    shape="flavor.summary",
    build=_summary,
    of=SUMMARY_SCHEMA,
    links_key="flavors_links",
    marker=_marker,
)
DETAILS = Collection(
    key="flavors",
    shape="flavor.detail",
    build=_detail,
    of=DETAIL_SCHEMA,
    links_key="flavors_links",
    marker=_marker,
)
DETAIL = Item(key="flavor", shape="flavor.detail", build=_detail, of=DETAIL_SCHEMA)

# --- access and extra specs -------------------------------------------------------------------


def _access(request: Request) -> Make:
    def make(access: FlavorAccess) -> dict[str, Any]:
        return {"flavor_id": access.flavorid, "tenant_id": access.project_id}

    return make


def _as_it_is(request: Request) -> Make:
    return lambda specs: specs


_SPECS_SCHEMA = {"type": "object", "additionalProperties": {"type": "string"}}
ACCESS = Collection(
    key="flavor_access",
    shape="flavor.access",
    build=_access,
    of=closed({"flavor_id": _ID, "tenant_id": {"type": "string"}}),
)
SPECS = Item(key="extra_specs", shape="flavor.specs", build=_as_it_is, of=_SPECS_SCHEMA)
SPEC = Item(key=None, shape="flavor.specs", build=_as_it_is, of=_SPECS_SCHEMA)
