# SPDX-License-Identifier: Apache-2.0
from nova_lite.domain.host import HostState
from nova_lite.domain.request import Reason, RequestSpec
from nova_lite.scheduler.plugin import Filter


class RequestedHostFilter(Filter):
    """The host, the node, or both that the request names, forced or wished for."""

    name = "RequestedHostFilter"
    cost = 0
    forced = True
    rebuilds = True

    def needed(self, request: RequestSpec) -> bool:
        return bool(
            request.forced_host
            or request.forced_node
            or request.requested_host
            or request.requested_node
        )

    def check(self, host: HostState, request: RequestSpec) -> Reason | None:
        for wanted in (request.forced_host, request.requested_host):
            if wanted and wanted != host.host:
                return Reason(check=self.name, text="another host was asked for", wanted=wanted)
        for wanted in (request.forced_node, request.requested_node):
            if wanted and wanted != host.node:
                return Reason(check=self.name, text="another node was asked for", wanted=wanted)
        return None
