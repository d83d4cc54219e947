# SPDX-License-Identifier: Apache-2.0
"""Who may read and change the security groups of a server."""

from nova_lite.base.policy import LEGACY_OWNER, MEMBER, READER, Rule

_P = "os_compute_api:os-security-groups:"

LIST = f"{_P}list"
ADD = f"{_P}add"
REMOVE = f"{_P}remove"

_ACTION = "/servers/{server_id}/action"

RULES = (
    Rule(
        LIST,
        READER,
        "List the security groups of a server.",
        (("GET", "/servers/{server_id}/os-security-groups"),),
        legacy=LEGACY_OWNER,
    ),
    Rule(
        ADD,
        MEMBER,
        "Put a server into a security group.",
        (("POST", f"{_ACTION} (addSecurityGroup)"),),
        legacy=LEGACY_OWNER,
    ),
    Rule(
        REMOVE,
        MEMBER,
        "Take a server out of a security group.",
        (("POST", f"{_ACTION} (removeSecurityGroup)"),),
        legacy=LEGACY_OWNER,
    ),
)
