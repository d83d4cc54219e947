# SPDX-License-Identifier: Apache-2.0
from nova_lite.domain.host import HostState
from nova_lite.domain.request import Reason, RequestSpec
from nova_lite.scheduler.plugin import Filter


class CellFilter(Filter):
    """The host belongs to the cell that the server's record is in."""

    name = "CellFilter"
    cost = 0
    forced = True

    def needed(self, request: RequestSpec) -> bool:
        return request.cell is not None

    def check(self, host: HostState, request: RequestSpec) -> Reason | None:
        if request.cell is None or host.cell == request.cell:
            return None
        return Reason(check=self.name, text="in another cell", wanted=request.cell, has=host.cell)
