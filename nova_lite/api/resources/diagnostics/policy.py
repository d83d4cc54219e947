# SPDX-License-Identifier: Apache-2.0
"""Who may see the diagnostics of a server."""

from nova_lite.base.policy import ADMIN, Rule

SHOW = "os_compute_api:os-server-diagnostics"

RULES = (
    Rule(
        SHOW,
        ADMIN,
        "See the diagnostics of a server.",
        (("GET", "/servers/{server_id}/diagnostics"),),
    ),
)
