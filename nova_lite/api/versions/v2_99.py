# SPDX-License-Identifier: Apache-2.0
"""Native clients reach SPICE through a proxy of the operator's own."""

from nova_lite.api.versions.change import Change, Drop, named, on, replaced

CHANGE = Change(
    number=99,
    title="Console type spice-direct; tls_port in token show; unknown query keys refused there",
    body={
        "remote_consoles.create": replaced(
            "remote_console",
            type={
                "type": "string",
                "enum": ["novnc", "xvpvnc", "rdp-html5", "spice-html5", "serial", "webmks"],
            },
        )
    },
    response=on(("console_token",), Drop("tls_port")),
    strict_query=named("console_auth_tokens.show"),
)
