# SPDX-License-Identifier: Apache-2.0
"""Who may see and change the interfaces of a server."""

from nova_lite.base.policy import LEGACY_OWNER, MEMBER, READER, Rule

_P = "os_compute_api:os-attach-interfaces:"

LIST = f"{_P}list"
SHOW = f"{_P}show"
CREATE = f"{_P}create"
DELETE = f"{_P}delete"

_ALL = "/servers/{server_id}/os-interface"
_ONE = f"{_ALL}/{{port_id}}"

RULES = (
    Rule(LIST, READER, "List the interfaces of a server.", (("GET", _ALL),), legacy=LEGACY_OWNER),
    Rule(SHOW, READER, "Show an interface of a server.", (("GET", _ONE),), legacy=LEGACY_OWNER),
    Rule(CREATE, MEMBER, "Attach an interface.", (("POST", _ALL),), legacy=LEGACY_OWNER),
    Rule(DELETE, MEMBER, "Detach an interface.", (("DELETE", _ONE),), legacy=LEGACY_OWNER),
)
