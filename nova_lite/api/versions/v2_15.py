# SPDX-License-Identifier: Apache-2.0
"""Server groups may have soft policies."""

from nova_lite.api.versions.change import Change, replaced
from nova_lite.api.versions.v2_64 import policies
from nova_lite.domain.group import GroupPolicy

_HARD = (GroupPolicy.ANTI_AFFINITY, GroupPolicy.AFFINITY)

CHANGE = Change(
    number=15,
    title="Group policies soft-affinity, soft-anti-affinity",
    body={"server_groups.create": replaced("server_group", policies=policies(*_HARD))},
)
