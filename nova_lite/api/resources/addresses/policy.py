# SPDX-License-Identifier: Apache-2.0
"""Who may see the addresses of a server."""

from nova_lite.base.policy import READER, Rule

INDEX = "os_compute_api:ips:index"
SHOW = "os_compute_api:ips:show"

RULES = (
    Rule(INDEX, READER, "List the addresses of a server.", (("GET", "/servers/{server_id}/ips"),)),
    Rule(
        SHOW,
        READER,
        "List the addresses of a server in one network.",
        (("GET", "/servers/{server_id}/ips/{network_label}"),),
    ),
)
