# SPDX-License-Identifier: Apache-2.0
"""Who may see and change host aggregates."""

from nova_lite.base.policy import ADMIN, Rule

_P = "os_compute_api:os-aggregates:"

INDEX = f"{_P}index"
SHOW = f"{_P}show"
CREATE = f"{_P}create"
UPDATE = f"{_P}update"
DELETE = f"{_P}delete"
ADD_HOST = f"{_P}add_host"
REMOVE_HOST = f"{_P}remove_host"
SET_METADATA = f"{_P}set_metadata"
IMAGES = "compute:aggregates:images"

_ALL = "/os-aggregates"
_ONE = "/os-aggregates/{aggregate_id}"
_ACTION = f"{_ONE}/action"

RULES = (
    Rule(INDEX, ADMIN, "List host aggregates.", (("GET", _ALL),)),
    Rule(SHOW, ADMIN, "Show a host aggregate.", (("GET", _ONE),)),
    Rule(CREATE, ADMIN, "Create a host aggregate.", (("POST", _ALL),)),
    Rule(UPDATE, ADMIN, "Change name and zone of a host aggregate.", (("PUT", _ONE),)),
    Rule(DELETE, ADMIN, "Delete a host aggregate.", (("DELETE", _ONE),)),
    Rule(ADD_HOST, ADMIN, "Add a host to an aggregate.", (("POST", f"{_ACTION} (add_host)"),)),
    Rule(
        REMOVE_HOST,
        ADMIN,
        "Remove a host from an aggregate.",
        (("POST", f"{_ACTION} (remove_host)"),),
    ),
    Rule(
        SET_METADATA,
        ADMIN,
        "Change the metadata of an aggregate.",
        (("POST", f"{_ACTION} (set_metadata)"),),
    ),
    Rule(
        IMAGES,
        ADMIN,
        "Have the hosts of an aggregate fetch images ahead of use.",
        (("POST", f"{_ONE}/images"),),
    ),
)
