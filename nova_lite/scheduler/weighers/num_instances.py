# SPDX-License-Identifier: Apache-2.0
from nova_lite.domain.host import HostState
from nova_lite.domain.request import RequestSpec
from nova_lite.scheduler.plugin import Weigher


class NumInstancesWeigher(Weigher):
    """Servers on the host: stacks them, or spreads them with a negative multiplier."""

    name = "NumInstancesWeigher"
    option = "num_instances_weight_multiplier"
    default_weight = 0.0

    def score(self, host: HostState, request: RequestSpec) -> float:
        return host.instances
