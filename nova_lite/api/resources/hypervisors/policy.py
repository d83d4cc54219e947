# SPDX-License-Identifier: Apache-2.0
"""Who may see hypervisors."""

from nova_lite.base.policy import ADMIN, Rule

LIST = "os_compute_api:os-hypervisors:list"
DETAIL = "os_compute_api:os-hypervisors:list-detail"
SHOW = "os_compute_api:os-hypervisors:show"
STATISTICS = "os_compute_api:os-hypervisors:statistics"
SEARCH = "os_compute_api:os-hypervisors:search"
SERVERS = "os_compute_api:os-hypervisors:servers"
UPTIME = "os_compute_api:os-hypervisors:uptime"

_ONE = "/os-hypervisors/{hypervisor_id}"
_NAMED = "/os-hypervisors/{hypervisor_hostname_pattern}"

RULES = (
    Rule(LIST, ADMIN, "List hypervisors.", (("GET", "/os-hypervisors"),)),
    Rule(DETAIL, ADMIN, "List them with details.", (("GET", "/os-hypervisors/details"),)),
    Rule(SHOW, ADMIN, "Show a hypervisor.", (("GET", _ONE),)),
    Rule(STATISTICS, ADMIN, "Sums over all.", (("GET", "/os-hypervisors/statistics"),)),
    Rule(SEARCH, ADMIN, "Find by host name.", (("GET", f"{_NAMED}/search"),)),
    Rule(SERVERS, ADMIN, "List the servers on hypervisors.", (("GET", f"{_NAMED}/servers"),)),
    Rule(UPTIME, ADMIN, "Show the uptime.", (("GET", f"{_ONE}/uptime"),)),
)
