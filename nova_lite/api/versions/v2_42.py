# SPDX-License-Identifier: Apache-2.0
"""Tags of networks and block devices are taken again at create."""

from nova_lite.api.versions.change import Change, steps
from nova_lite.api.versions.servers import items_without

CHANGE = Change(
    number=42,
    title="Device `tag` accepted again for NICs and disks",
    body={
        "servers.create": steps(
            items_without("networks", "tag"),
            items_without("block_device_mapping_v2", "tag"),
        )
    },
)
