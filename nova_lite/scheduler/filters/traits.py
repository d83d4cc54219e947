# SPDX-License-Identifier: Apache-2.0
from nova_lite.domain.host import HostState
from nova_lite.domain.request import Reason, RequestSpec
from nova_lite.scheduler.plugin import Filter


class TraitsFilter(Filter):
    """The host has every trait that is required, and none that is forbidden."""

    name = "TraitsFilter"
    cost = 30
    forced = True
    rebuilds = True

    def needed(self, request: RequestSpec) -> bool:
        return bool(request.required_traits or request.forbidden_traits)

    def check(self, host: HostState, request: RequestSpec) -> Reason | None:
        has = host.traits
        for trait in request.required_traits:
            if trait not in has:
                return Reason(check=self.name, text=f"lacks the trait {trait}", wanted=trait)
        for trait in request.forbidden_traits:
            if trait in has:
                return Reason(
                    check=self.name,
                    text=f"has the trait {trait}, which must not be",
                    wanted=f"not {trait}",
                    has=trait,
                )
        return None
