# SPDX-License-Identifier: Apache-2.0
"""Who may see and change key pairs: their user, and administrators."""

from nova_lite.base.policy import USER, Rule

INDEX = "os_compute_api:os-keypairs:index"
SHOW = "os_compute_api:os-keypairs:show"
CREATE = "os_compute_api:os-keypairs:create"
DELETE = "os_compute_api:os-keypairs:delete"

RULES = (
    Rule(INDEX, USER, "List key pairs.", (("GET", "/os-keypairs"),)),
    Rule(SHOW, USER, "Show a key pair.", (("GET", "/os-keypairs/{keypair_name}"),)),
    Rule(CREATE, USER, "Create a key pair.", (("POST", "/os-keypairs"),)),
    Rule(DELETE, USER, "Delete a key pair.", (("DELETE", "/os-keypairs/{keypair_name}"),)),
)
