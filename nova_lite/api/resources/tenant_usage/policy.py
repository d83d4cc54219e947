# SPDX-License-Identifier: Apache-2.0
"""Who may see what was used."""

from nova_lite.base.policy import ADMIN, READER, Rule

LIST = "os_compute_api:os-simple-tenant-usage:list"
SHOW = "os_compute_api:os-simple-tenant-usage:show"

RULES = (
    Rule(LIST, ADMIN, "See what all projects used.", (("GET", "/os-simple-tenant-usage"),)),
    Rule(
        SHOW,
        READER,
        "See what a project used.",
        (("GET", "/os-simple-tenant-usage/{tenant_id}"),),
    ),
)
