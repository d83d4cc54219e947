# SPDX-License-Identifier: Apache-2.0
from nova_lite.domain.host import HostState
from nova_lite.domain.request import Reason, RequestSpec
from nova_lite.scheduler.plugin import Filter


class IgnoredHostsFilter(Filter):
    """Not one of the hosts that the request wants left out."""

    name = "IgnoredHostsFilter"
    cost = 0
    forced = True

    def needed(self, request: RequestSpec) -> bool:
        return bool(request.ignore_hosts)

    def check(self, host: HostState, request: RequestSpec) -> Reason | None:
        if host.host in request.ignore_hosts:
            return Reason(check=self.name, text="left out by the request")
        return None
