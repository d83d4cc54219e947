# SPDX-License-Identifier: Apache-2.0
"""Server groups may have soft policies."""

from nova_lite.api.resources.server_groups.schema import HARD, policies
from nova_lite.api.versions.change import Change, replaced

CHANGE = Change(
    number=15,
    title="Group policies soft-affinity, soft-anti-affinity",
    body={"server_groups.create": replaced("server_group", policies=policies(HARD))},
)
