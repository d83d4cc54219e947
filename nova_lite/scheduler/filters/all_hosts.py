# SPDX-License-Identifier: Apache-2.0
from nova_lite.domain.host import HostState
from nova_lite.domain.request import Reason, RequestSpec
from nova_lite.scheduler.plugin import Filter


class AllHostsFilter(Filter):
    """Every host passes."""

    name = "AllHostsFilter"
    cost = 0

    def needed(self, request: RequestSpec) -> bool:
        return False

    def check(self, host: HostState, request: RequestSpec) -> Reason | None:
        return None
