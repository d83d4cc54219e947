# SPDX-License-Identifier: Apache-2.0
"""Consoles of the protocol mks. (No driver here has one.)"""

from nova_lite.api.versions.change import Change, replaced

CHANGE = Change(
    number=8,
    title="Console protocol mks / type webmks",
    body={
        "remote_consoles.create": replaced(
            "remote_console",
            protocol={"type": "string", "enum": ["vnc", "spice", "rdp", "serial"]},
            type={
                "type": "string",
                "enum": ["novnc", "xvpvnc", "rdp-html5", "spice-html5", "serial"],
            },
        )
    },
)
