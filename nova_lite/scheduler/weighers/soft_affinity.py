# SPDX-License-Identifier: Apache-2.0
from nova_lite.domain.group import GroupPolicy
from nova_lite.domain.host import HostState
from nova_lite.domain.request import RequestSpec
from nova_lite.scheduler.plugin import Weigher


class ServerGroupSoftAffinityWeigher(Weigher):
    """Servers of the group on the host: together where there is room."""

    name = "ServerGroupSoftAffinityWeigher"
    option = "soft_affinity_weight_multiplier"

    def needed(self, request: RequestSpec) -> bool:
        group = request.group
        return group is not None and group.policy is GroupPolicy.SOFT_AFFINITY

    def score(self, host: HostState, request: RequestSpec) -> float:
        group = request.group
        return 0.0 if group is None else group.members_on.get(host.host, 0)
