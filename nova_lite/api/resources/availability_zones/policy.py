# SPDX-License-Identifier: Apache-2.0
"""Who may see availability zones."""

from nova_lite.base.policy import ADMIN, ANY, Rule

LIST = "os_compute_api:os-availability-zone:list"
DETAIL = "os_compute_api:os-availability-zone:detail"

RULES = (
    Rule(LIST, ANY, "List availability zones.", (("GET", "/os-availability-zone"),)),
    Rule(DETAIL, ADMIN, "List them with hosts.", (("GET", "/os-availability-zone/detail"),)),
)
