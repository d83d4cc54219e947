# SPDX-License-Identifier: Apache-2.0
"""Who may see and change flavors."""

from nova_lite.base.policy import ADMIN, LEGACY_OWNER, READER, Rule

CREATE = "os_compute_api:os-flavor-manage:create"
UPDATE = "os_compute_api:os-flavor-manage:update"
DELETE = "os_compute_api:os-flavor-manage:delete"
EXTRA_SPECS_INDEX = "os_compute_api:os-flavor-extra-specs:index"
EXTRA_SPECS_SHOW = "os_compute_api:os-flavor-extra-specs:show"
EXTRA_SPECS_CREATE = "os_compute_api:os-flavor-extra-specs:create"
EXTRA_SPECS_UPDATE = "os_compute_api:os-flavor-extra-specs:update"
EXTRA_SPECS_DELETE = "os_compute_api:os-flavor-extra-specs:delete"
ACCESS = "os_compute_api:os-flavor-access"
ADD_ACCESS = "os_compute_api:os-flavor-access:add_tenant_access"
REMOVE_ACCESS = "os_compute_api:os-flavor-access:remove_tenant_access"

_ONE = "/flavors/{flavor_id}"
_SPECS = f"{_ONE}/os-extra_specs/"
_SPEC = f"{_SPECS}{{flavor_extra_spec_key}}"

RULES = (
    Rule(CREATE, ADMIN, "Create a flavor.", (("POST", "/flavors"),)),
    Rule(UPDATE, ADMIN, "Change the description of a flavor.", (("PUT", _ONE),)),
    Rule(DELETE, ADMIN, "Delete a flavor.", (("DELETE", _ONE),)),
    Rule(
        EXTRA_SPECS_INDEX,
        READER,
        "See extra specs of flavors.",
        (
            ("GET", _SPECS),
            ("POST", "/flavors"),
            ("GET", "/flavors/detail"),
            ("GET", _ONE),
            ("PUT", _ONE),
        ),
    ),
    Rule(EXTRA_SPECS_SHOW, READER, "See one extra spec.", (("GET", _SPEC),)),
    Rule(EXTRA_SPECS_CREATE, ADMIN, "Add extra specs.", (("POST", _SPECS),)),
    Rule(EXTRA_SPECS_UPDATE, ADMIN, "Change an extra spec.", (("PUT", _SPEC),)),
    Rule(EXTRA_SPECS_DELETE, ADMIN, "Remove an extra spec.", (("DELETE", _SPEC),)),
    Rule(
        ACCESS,
        ADMIN,
        "List the projects that may use a private flavor.",
        (("GET", f"{_ONE}/os-flavor-access"),),
        legacy=LEGACY_OWNER,
    ),
    Rule(ADD_ACCESS, ADMIN, "Let a project use it.", (("POST", f"{_ONE}/action"),)),
    Rule(REMOVE_ACCESS, ADMIN, "Let it no more.", (("POST", f"{_ONE}/action"),)),
)
