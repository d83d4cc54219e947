# SPDX-License-Identifier: Apache-2.0
"""Remote consoles have one call of their own; the console actions end."""

from nova_lite.api.versions.change import Change, named

CHANGE = Change(
    number=6,
    title="POST servers/{id}/remote-consoles; os-get*Console actions end at 2.5",
    adds=named("remote_consoles.create"),
    ends=named(
        "servers.action.os-getRDPConsole",
        "servers.action.os-getSPICEConsole",
        "servers.action.os-getSerialConsole",
        "servers.action.os-getVNCConsole",
    ),
)
