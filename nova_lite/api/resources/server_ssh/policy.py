# SPDX-License-Identifier: Apache-2.0
"""Who may see where the ssh server of a guest is reached."""

from nova_lite.base.policy import READER, Rule

SHOW = "nova_lite:servers:ssh"

RULES = (
    Rule(
        SHOW,
        READER,
        "See which port of its host leads to the ssh server of a guest in user mode.",
        (("GET", "/servers/{server_id}/ssh"),),
    ),
)
