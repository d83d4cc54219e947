# SPDX-License-Identifier: Apache-2.0
from nova_lite.domain.group import GroupPolicy
from nova_lite.domain.host import HostState
from nova_lite.domain.request import Reason, RequestSpec
from nova_lite.scheduler.plugin import Filter


class ServerGroupAffinityFilter(Filter):
    """All servers of the group are on one host; the first of them may go anywhere."""

    name = "ServerGroupAffinityFilter"
    cost = 20
    shared = True

    def needed(self, request: RequestSpec) -> bool:
        group = request.group
        return group is not None and group.policy is GroupPolicy.AFFINITY

    def check(self, host: HostState, request: RequestSpec) -> Reason | None:
        group = request.group
        if group is None or not any(group.members_on.values()) or group.members_on.get(host.host):
            return None
        return Reason(check=self.name, text="the servers of the group are on another host")
