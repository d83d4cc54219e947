# SPDX-License-Identifier: Apache-2.0
"""Who may see what a token of a console is for."""

from nova_lite.base.policy import ADMIN, Rule

SHOW = "os_compute_api:os-console-auth-tokens"

RULES = (
    Rule(
        SHOW,
        ADMIN,
        "See what a token of a console is for.",
        (("GET", "/os-console-auth-tokens/{console_token}"),),
    ),
)
