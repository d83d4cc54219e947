# SPDX-License-Identifier: Apache-2.0
"""Who may see and forget the password of a server."""

from nova_lite.base.policy import MEMBER, READER, Rule

_P = "os_compute_api:os-server-password:"
_PATH = "/servers/{server_id}/os-server-password"

SHOW = f"{_P}show"
CLEAR = f"{_P}clear"

RULES = (
    Rule(SHOW, READER, "See the encrypted password of a server.", (("GET", _PATH),)),
    Rule(CLEAR, MEMBER, "Forget the encrypted password of a server.", (("DELETE", _PATH),)),
)
