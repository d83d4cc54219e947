# SPDX-License-Identifier: Apache-2.0
"""Who may read and write the metadata of a server."""

from nova_lite.base.policy import MEMBER, READER, Rule

_P = "os_compute_api:server-metadata:"

INDEX = f"{_P}index"
SHOW = f"{_P}show"
CREATE = f"{_P}create"
UPDATE = f"{_P}update"
UPDATE_ALL = f"{_P}update_all"
DELETE = f"{_P}delete"

_ALL = "/servers/{server_id}/metadata"
_ONE = f"{_ALL}/{{key}}"

RULES = (
    Rule(INDEX, READER, "List the metadata of a server.", (("GET", _ALL),)),
    Rule(SHOW, READER, "Show one item of the metadata.", (("GET", _ONE),)),
    Rule(CREATE, MEMBER, "Add metadata.", (("POST", _ALL),)),
    Rule(UPDATE, MEMBER, "Change one item of the metadata.", (("PUT", _ONE),)),
    Rule(UPDATE_ALL, MEMBER, "Replace the metadata.", (("PUT", _ALL),)),
    Rule(DELETE, MEMBER, "Delete one item of the metadata.", (("DELETE", _ONE),)),
)
