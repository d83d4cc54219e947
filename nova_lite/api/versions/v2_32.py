# SPDX-License-Identifier: Apache-2.0
"""Networks and block devices can be tagged when a server is created."""

from nova_lite.api.versions.change import Change, steps
from nova_lite.api.versions.servers import items_without

CHANGE = Change(
    number=32,
    title="`tag` on networks and block_device_mapping_v2 at create (device role tags)",
    body={
        "servers.create": steps(
            items_without("networks", "tag"),
            items_without("block_device_mapping_v2", "tag"),
        )
    },
)
