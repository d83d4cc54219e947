# SPDX-License-Identifier: Apache-2.0
from nova_lite.domain.host import HostState
from nova_lite.domain.request import RequestSpec
from nova_lite.scheduler.plugin import Weigher


class BuildFailureWeigher(Weigher):
    """Builds that failed one after the other. Its large default outweighs everything else, so
    that such a host is taken only when no other will do."""

    name = "BuildFailureWeigher"
    option = "build_failure_weight_multiplier"
    default_weight = 1000000.0

    def score(self, host: HostState, request: RequestSpec) -> float:
        return -host.failed_builds
