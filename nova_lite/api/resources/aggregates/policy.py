# SPDX-License-Identifier: Apache-2.0
"""Who may see host aggregates."""

from nova_lite.base.policy import ADMIN, Rule

INDEX = "os_compute_api:os-aggregates:index"
SHOW = "os_compute_api:os-aggregates:show"

RULES = (
    Rule(INDEX, ADMIN, "List host aggregates.", (("GET", "/os-aggregates"),)),
    Rule(SHOW, ADMIN, "Show a host aggregate.", (("GET", "/os-aggregates/{aggregate_id}"),)),
)
