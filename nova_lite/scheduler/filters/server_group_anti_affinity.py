# SPDX-License-Identifier: Apache-2.0
from nova_lite.domain.group import GroupPolicy
from nova_lite.domain.host import HostState
from nova_lite.domain.request import Reason, RequestSpec
from nova_lite.scheduler.plugin import Filter


class ServerGroupAntiAffinityFilter(Filter):
    """Not more servers of the group on one host than its rule allows."""

    name = "ServerGroupAntiAffinityFilter"
    cost = 20

    def needed(self, request: RequestSpec) -> bool:
        group = request.group
        return group is not None and group.policy is GroupPolicy.ANTI_AFFINITY

    def check(self, host: HostState, request: RequestSpec) -> Reason | None:
        group = request.group
        if group is None:
            return None
        here = group.members_on.get(host.host, 0)
        if here < group.max_server_per_host:
            return None
        return Reason(
            check=self.name,
            text="as many servers of the group as may be on one host",
            wanted=f"less than {group.max_server_per_host}",
            has=str(here),
        )
