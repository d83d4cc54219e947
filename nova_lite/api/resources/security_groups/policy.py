# SPDX-License-Identifier: Apache-2.0
"""Who may manage security groups through the Compute API."""

from nova_lite.base.policy import LEGACY_OWNER, MEMBER, READER, Rule

_P = "os_compute_api:os-security-groups:"

GET = f"{_P}get"
SHOW = f"{_P}show"
CREATE = f"{_P}create"
UPDATE = f"{_P}update"
DELETE = f"{_P}delete"
RULE_CREATE = f"{_P}rule:create"
RULE_DELETE = f"{_P}rule:delete"

_ALL = "/os-security-groups"
_ONE = f"{_ALL}/{{security_group_id}}"
_RULES = "/os-security-group-rules"
_RULE = f"{_RULES}/{{security_group_id}}"


def _rule(name: str, default: str, what: str, method: str, path: str) -> Rule:
    return Rule(name, default, what, ((method, path),), legacy=LEGACY_OWNER)


RULES = (
    _rule(GET, READER, "List security groups.", "GET", _ALL),
    _rule(SHOW, READER, "Show a security group.", "GET", _ONE),
    _rule(CREATE, MEMBER, "Create a security group.", "POST", _ALL),
    _rule(UPDATE, MEMBER, "Change a security group.", "PUT", _ONE),
    _rule(DELETE, MEMBER, "Delete a security group.", "DELETE", _ONE),
    _rule(RULE_CREATE, MEMBER, "Add a rule to a security group.", "POST", _RULES),
    _rule(RULE_DELETE, MEMBER, "Delete a rule of a security group.", "DELETE", _RULE),
)
