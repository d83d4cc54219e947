# SPDX-License-Identifier: Apache-2.0
"""Who may see networks through the Compute API."""

from nova_lite.base.policy import LEGACY_OWNER, READER, Rule

LIST = "os_compute_api:os-networks:list"
SHOW = "os_compute_api:os-networks:show"
TENANT_LIST = "os_compute_api:os-tenant-networks:list"
TENANT_SHOW = "os_compute_api:os-tenant-networks:show"

_ONE = "{network_id}"

RULES = (
    Rule(LIST, READER, "List networks.", (("GET", "/os-networks"),), legacy=LEGACY_OWNER),
    Rule(SHOW, READER, "Show a network.", (("GET", f"/os-networks/{_ONE}"),), legacy=LEGACY_OWNER),
    Rule(
        TENANT_LIST,
        READER,
        "List the networks of a project.",
        (("GET", "/os-tenant-networks"),),
        legacy=LEGACY_OWNER,
    ),
    Rule(
        TENANT_SHOW,
        READER,
        "Show a network of a project.",
        (("GET", f"/os-tenant-networks/{_ONE}"),),
        legacy=LEGACY_OWNER,
    ),
)
