# SPDX-License-Identifier: Apache-2.0
"""Who may see and use floating addresses through the Compute API."""

from nova_lite.base.policy import ANY, LEGACY_OWNER, MEMBER, READER, Rule

_P = "os_compute_api:os-floating-ips:"

POOLS = "os_compute_api:os-floating-ip-pools"
LIST = f"{_P}list"
SHOW = f"{_P}show"
CREATE = f"{_P}create"
DELETE = f"{_P}delete"
ADD = f"{_P}add"
REMOVE = f"{_P}remove"

_ALL = "/os-floating-ips"
_ONE = f"{_ALL}/{{floating_ip_id}}"
_ACTION = "/servers/{server_id}/action"


def _rule(name: str, default: str, what: str, method: str, path: str) -> Rule:
    return Rule(name, default, what, ((method, path),), legacy=LEGACY_OWNER)


RULES = (
    Rule(POOLS, ANY, "List where addresses come from.", (("GET", "/os-floating-ip-pools"),)),
    _rule(LIST, READER, "List floating addresses.", "GET", _ALL),
    _rule(SHOW, READER, "Show a floating address.", "GET", _ONE),
    _rule(CREATE, MEMBER, "Take a floating address.", "POST", _ALL),
    _rule(DELETE, MEMBER, "Give a floating address back.", "DELETE", _ONE),
    _rule(ADD, MEMBER, "Let one lead to a server.", "POST", f"{_ACTION} (addFloatingIp)"),
    _rule(REMOVE, MEMBER, "Let it do so no longer.", "POST", f"{_ACTION} (removeFloatingIp)"),
)
