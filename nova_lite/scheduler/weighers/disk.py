# SPDX-License-Identifier: Apache-2.0
from nova_lite.domain.host import HostState
from nova_lite.domain.request import RequestSpec
from nova_lite.scheduler.plugin import Weigher


class DiskWeigher(Weigher):
    """Free disk in GiB: spreads servers, or stacks them with a negative multiplier."""

    name = "DiskWeigher"
    option = "disk_weight_multiplier"

    def score(self, host: HostState, request: RequestSpec) -> float:
        has = host.inventory.get("DISK_GB")
        if has is None:
            return 0.0
        return (has.total - has.reserved) * has.ratio - host.used.get("DISK_GB", 0)
