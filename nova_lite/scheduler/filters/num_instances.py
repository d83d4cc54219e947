# SPDX-License-Identifier: Apache-2.0
from nova_lite.domain.host import HostState
from nova_lite.domain.request import Reason, RequestSpec
from nova_lite.scheduler.plugin import Filter
from nova_lite.scheduler.settings import Settings


class NumInstancesFilter(Filter):
    """Fewer servers on the host than max_instances_per_host."""

    name = "NumInstancesFilter"
    cost = 10

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._limit = settings.max_instances_per_host

    def check(self, host: HostState, request: RequestSpec) -> Reason | None:
        if host.instances < self._limit:
            return None
        return Reason(
            check=self.name,
            text="too many servers",
            wanted=f"less than {self._limit}",
            has=str(host.instances),
        )
