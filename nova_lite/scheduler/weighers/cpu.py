# SPDX-License-Identifier: Apache-2.0
from nova_lite.domain.host import HostState
from nova_lite.domain.request import RequestSpec
from nova_lite.scheduler.plugin import Weigher


class CPUWeigher(Weigher):
    """Free vCPUs, with the ratio: spreads servers, or stacks them with a negative multiplier."""

    name = "CPUWeigher"
    option = "cpu_weight_multiplier"

    def score(self, host: HostState, request: RequestSpec) -> float:
        has = host.inventory.get("VCPU")
        if has is None:
            return 0.0
        return (has.total - has.reserved) * has.ratio - host.used.get("VCPU", 0)
