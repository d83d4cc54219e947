# SPDX-License-Identifier: Apache-2.0
"""Quota classes show server groups, and no networks."""

from nova_lite.api.shapes import QUOTA
from nova_lite.api.versions import network_quota
from nova_lite.api.versions.change import Change, Drop, replaced
from nova_lite.domain.quota import NETWORK

CHANGE = Change(
    number=50,
    title="Quota class sets show server_groups(_members); network quotas removed there",
    body={"quota_class_sets.update": replaced("quota_class_set", **dict.fromkeys(NETWORK, QUOTA))},
    response={
        "quota_class_set": (
            Drop("server_groups", "server_group_members"),
            network_quota.show_limits,
        )
    },
)
