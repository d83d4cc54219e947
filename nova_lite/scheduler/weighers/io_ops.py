# SPDX-License-Identifier: Apache-2.0
from nova_lite.domain.host import HostState
from nova_lite.domain.request import RequestSpec
from nova_lite.scheduler.plugin import Weigher


class IoOpsWeigher(Weigher):
    """Builds and copies going on; with its negative default, quiet hosts first."""

    name = "IoOpsWeigher"
    option = "io_ops_weight_multiplier"
    default_weight = -1.0

    def score(self, host: HostState, request: RequestSpec) -> float:
        return host.io_workload
