# SPDX-License-Identifier: Apache-2.0
"""A server group has one policy, with rules."""

from typing import Any

from nova_lite.api.resources.server_groups.schema import ALL, policies
from nova_lite.api.versions.change import Change, replaced, required, steps, without


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
            replaced("server_group", policies=policies(ALL)),
            required("server_group", "policies"),
        )
    },
    response={"server_group": (_policies,)},
)
