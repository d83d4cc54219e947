# SPDX-License-Identifier: Apache-2.0
from nova_lite.domain.host import HostState, Inventory
from nova_lite.domain.request import Reason, RequestSpec
from nova_lite.scheduler.plugin import Filter

_NOTHING = Inventory(total=0)


class ResourcesFilter(Filter):
    """There is room for each resource class, and the amount is one that the host hands out.

    Its refusals are counted by resource class: VCPU, MEMORY_MB, DISK_GB, ...
    """

    name = "ResourcesFilter"
    cost = 40
    forced = True

    def needed(self, request: RequestSpec) -> bool:
        return any(request.resources.values())

    def check(self, host: HostState, request: RequestSpec) -> Reason | None:
        inventory, used = host.inventory, host.used
        for resource, wanted in request.resources.items():
            if not wanted:
                continue
            has = inventory.get(resource, _NOTHING)
            free = int((has.total - has.reserved) * has.ratio) - used.get(resource, 0)
            if wanted > free:
                return _refusal(resource, "not enough is free", wanted, f"{max(free, 0)} free")
            if wanted > has.max_unit:
                return _refusal(resource, "too much for one server", wanted, f"{has.max_unit}")
            if wanted < has.min_unit:
                return _refusal(resource, "too little for a server", wanted, f"{has.min_unit}")
            if wanted % has.step_size:
                return _refusal(resource, "no multiple of the step", wanted, f"{has.step_size}")
        return None


def _refusal(resource: str, text: str, wanted: int, has: str) -> Reason:
    return Reason(check=resource, text=f"{resource}: {text}", wanted=str(wanted), has=has)
