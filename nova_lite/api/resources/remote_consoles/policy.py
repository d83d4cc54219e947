# SPDX-License-Identifier: Apache-2.0
"""Who may see and type at the console of a server."""

from nova_lite.base.policy import LEGACY_OWNER, MEMBER, Rule

CREATE = "os_compute_api:os-remote-consoles"

RULES = (
    Rule(
        CREATE,
        MEMBER,
        "Get a link to the console of a server.",
        (
            ("POST", "/servers/{server_id}/remote-consoles"),
            ("POST", "/servers/{server_id}/action (os-getVNCConsole)"),
            ("POST", "/servers/{server_id}/action (os-getSPICEConsole)"),
            ("POST", "/servers/{server_id}/action (os-getSerialConsole)"),
        ),
        legacy=LEGACY_OWNER,
    ),
)
