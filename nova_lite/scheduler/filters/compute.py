# SPDX-License-Identifier: Apache-2.0
from nova_lite.domain.host import HostState
from nova_lite.domain.request import Reason, RequestSpec
from nova_lite.scheduler.plugin import Filter


class ComputeFilter(Filter):
    """The compute service is up, and not disabled. Who forces a host may use a disabled one."""

    name = "ComputeFilter"
    cost = 10
    forced = True

    def check(self, host: HostState, request: RequestSpec) -> Reason | None:
        if not host.up:
            return Reason(check=self.name, text="the compute service is down")
        if host.disabled and request.forced_host is None and request.forced_node is None:
            why = f": {host.disabled_reason}" if host.disabled_reason else ""
            return Reason(check=self.name, text=f"the compute service is disabled{why}")
        return None
