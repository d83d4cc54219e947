# SPDX-License-Identifier: Apache-2.0
"""Who may see and change the quota of projects."""

from nova_lite.base.policy import ADMIN, ANY, READER, Rule

SHOW = "os_compute_api:os-quota-sets:show"
DETAIL = "os_compute_api:os-quota-sets:detail"
DEFAULTS = "os_compute_api:os-quota-sets:defaults"
UPDATE = "os_compute_api:os-quota-sets:update"
DELETE = "os_compute_api:os-quota-sets:delete"

_PATH = "/os-quota-sets/{tenant_id}"

RULES = (
    Rule(SHOW, READER, "Show the quota of a project.", (("GET", _PATH),)),
    Rule(DETAIL, READER, "Show it with what is used.", (("GET", f"{_PATH}/detail"),)),
    Rule(DEFAULTS, ANY, "Show the default quota.", (("GET", f"{_PATH}/defaults"),)),
    Rule(UPDATE, ADMIN, "Set the quota of a project.", (("PUT", _PATH),)),
    Rule(DELETE, ADMIN, "Go back to the default quota.", (("DELETE", _PATH),)),
)
