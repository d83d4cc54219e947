# SPDX-License-Identifier: Apache-2.0
from nova_lite.domain.host import HostState
from nova_lite.domain.request import Reason, RequestSpec
from nova_lite.scheduler.plugin import Filter


class AvailabilityZoneFilter(Filter):
    """The host is in the zone that was asked for."""

    name = "AvailabilityZoneFilter"
    cost = 10
    forced = True

    def needed(self, request: RequestSpec) -> bool:
        return request.availability_zone is not None

    def check(self, host: HostState, request: RequestSpec) -> Reason | None:
        wanted = request.availability_zone
        if wanted is None or host.zone == wanted:
            return None
        return Reason(
            check=self.name, text="in another availability zone", wanted=wanted, has=host.zone
        )
