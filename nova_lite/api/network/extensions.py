# SPDX-License-Identifier: Apache-2.0
"""Which extensions of the Networking API are served: clients look before they ask."""

from typing import Any, Final

from nova_lite.api.faults import HttpFault
from nova_lite.api.network.call import Call, Reply

# alias -> (name, what it gives)
SERVED: Final[dict[str, tuple[str, str]]] = {
    "allowed-address-pairs": (
        "Allowed Address Pairs",
        "Provides allowed address pairs",
    ),
    "binding": ("Port Binding", "Expose port bindings of a virtual port to external application"),
    "external-net": (
        "Neutron external network",
        "Adds external network attribute to network resource.",
    ),
    "filter-validation": ("Filter parameters validation", "Refuses filters that do not exist."),
    "net-mtu": ("Network MTU", "Provides MTU attribute for a network resource."),
    "net-mtu-writable": ("Network MTU (writable)", "Provides a writable MTU attribute."),
    "network-ip-availability": (
        "Network IP Availability",
        "Provides IP availability data for each network and subnet.",
    ),
    "pagination": ("Pagination support", "Lists come in pages, forwards."),
    "port-security": ("Port Security", "Provides port security"),
    "project-id": ("project_id field enabled", "project_id is the same as tenant_id."),
    "provider": (
        "Provider Network",
        "Expose mapping of virtual networks to physical networks",
    ),
    "quota_details": ("Quota details management support", "Limits and usage of a project"),
    "quotas": ("Quota management support", "Shows limits of a project"),
    "security-group": ("security-group", "The security groups extension."),
    "sorting": ("Sorting support", "Lists come in the order of the keys that are given."),
    "standard-attr-description": ("standard-attr-description", "Descriptions of resources"),
    "standard-attr-revisions": ("Resource revision numbers", "Numbers that grow with changes"),
    "standard-attr-timestamp": (
        "Resource timestamps",
        "created_at and updated_at of resources",
    ),
}


def index(call: Call) -> Reply:
    """GET /v2.0/extensions"""
    return Reply(200, {"extensions": [_one(alias) for alias in SERVED]})


def show(call: Call) -> Reply:
    """GET /v2.0/extensions/{id}"""
    if call.id not in SERVED:
        raise HttpFault(404, f"Extension with alias {call.id} does not exist")
    return Reply(200, {"extension": _one(call.id)})


def _one(alias: str) -> dict[str, Any]:
    name, description = SERVED[alias]
    return {
        "alias": alias,
        "name": name,
        "description": description,
        "updated": "2026-01-01T00:00:00-00:00",
        "links": [],
    }
