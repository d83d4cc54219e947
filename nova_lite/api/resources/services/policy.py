# SPDX-License-Identifier: Apache-2.0
"""Who may see and change services."""

from nova_lite.base.policy import ADMIN, Rule

LIST = "os_compute_api:os-services:list"
UPDATE = "os_compute_api:os-services:update"
DELETE = "os_compute_api:os-services:delete"

RULES = (
    Rule(LIST, ADMIN, "List services.", (("GET", "/os-services"),)),
    Rule(UPDATE, ADMIN, "Enable, disable, force down.", (("PUT", "/os-services/{service_id}"),)),
    Rule(DELETE, ADMIN, "Forget a service.", (("DELETE", "/os-services/{service_id}"),)),
)
