# SPDX-License-Identifier: Apache-2.0
"""The type of a new volume can be chosen."""

from nova_lite.api.versions.change import Change
from nova_lite.api.versions.servers import items_without

CHANGE = Change(
    number=67,
    title="volume_type in block_device_mapping_v2",
    body={"servers.create": items_without("block_device_mapping_v2", "volume_type")},
)
