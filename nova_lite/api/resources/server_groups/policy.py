# SPDX-License-Identifier: Apache-2.0
"""Who may see and change server groups."""

from nova_lite.base.policy import ADMIN, MEMBER, READER, Rule

INDEX = "os_compute_api:os-server-groups:index"
INDEX_ALL = "os_compute_api:os-server-groups:index:all_projects"
SHOW = "os_compute_api:os-server-groups:show"
CREATE = "os_compute_api:os-server-groups:create"
DELETE = "os_compute_api:os-server-groups:delete"

_ONE = "/os-server-groups/{server_group_id}"

RULES = (
    Rule(INDEX, READER, "List server groups.", (("GET", "/os-server-groups"),)),
    Rule(INDEX_ALL, ADMIN, "List those of all projects.", (("GET", "/os-server-groups"),)),
    Rule(SHOW, READER, "Show a server group.", (("GET", _ONE),)),
    Rule(CREATE, MEMBER, "Create a server group.", (("POST", "/os-server-groups"),)),
    Rule(
        DELETE,
        MEMBER,
        "Delete a server group.",
        (("DELETE", "/os-server-groups/{server_group_id}"),),
    ),
)
