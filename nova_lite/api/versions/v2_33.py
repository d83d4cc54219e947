# SPDX-License-Identifier: Apache-2.0
"""Pages of hypervisors. The tag of block devices was lost here by mistake, until 2.42."""

from nova_lite.api.versions.behaviours import Behaviour
from nova_lite.api.versions.change import Change, no_params
from nova_lite.api.versions.servers import DEVICE_TAG, items_with

CHANGE = Change(
    number=33,
    title="Hypervisor list paging (limit, marker); bdm tag lost by mistake until 2.42",
    body={"servers.create": items_with("block_device_mapping_v2", tag=DEVICE_TAG)},
    query=dict.fromkeys(("hypervisors.list", "hypervisors.detail"), no_params("limit", "marker")),
    behaviours=(Behaviour.HYPERVISOR_PAGES,),
)
