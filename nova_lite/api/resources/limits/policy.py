# SPDX-License-Identifier: Apache-2.0
"""Who may see limits."""

from nova_lite.base.policy import ADMIN, ANY, Rule

SHOW = "os_compute_api:limits"
OTHER_PROJECT = "os_compute_api:limits:other_project"

RULES = (
    Rule(SHOW, ANY, "Show the limits of one's project.", (("GET", "/limits"),)),
    Rule(OTHER_PROJECT, ADMIN, "Show those of another project.", (("GET", "/limits"),)),
)
