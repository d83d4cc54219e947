# SPDX-License-Identifier: Apache-2.0
"""A server group has one policy, with rules."""

from typing import Any

from nova_lite.api.versions.change import Change, replaced, required, steps, without
from nova_lite.domain.group import GroupPolicy


def policies(*words: GroupPolicy) -> dict[str, Any]:
    """How the policy was given: a list with one word."""
    return {
        "type": "array",
        "items": {"type": "string", "enum": [word.value for word in words]},
        "minItems": 1,
        "maxItems": 1,
        "uniqueItems": True,
    }


def _policies(item: dict[str, Any], group: Any, request: Any) -> None:
    del item["rules"]
    item["policies"] = [item.pop("policy")]
    item["metadata"] = {}


CHANGE = Change(
    number=64,
    title="Server group policy + rules (max_server_per_host); policies and metadata dropped",
    body={
        "server_groups.create": steps(
            without("server_group", "policy", "rules"),
            replaced("server_group", policies=policies(*GroupPolicy)),
            required("server_group", "policies"),
        )
    },
    response={"server_group": (_policies,)},
)
