# SPDX-License-Identifier: Apache-2.0
"""Who may see and change the default quota."""

from nova_lite.base.policy import ADMIN, Rule

SHOW = "os_compute_api:os-quota-class-sets:show"
UPDATE = "os_compute_api:os-quota-class-sets:update"

_PATH = "/os-quota-class-sets/{quota_class}"

RULES = (
    Rule(SHOW, ADMIN, "Show the quota of a class.", (("GET", _PATH),)),
    Rule(UPDATE, ADMIN, "Set the quota of a class.", (("PUT", _PATH),)),
)
