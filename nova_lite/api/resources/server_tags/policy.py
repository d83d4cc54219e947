# SPDX-License-Identifier: Apache-2.0
"""Who may read and write the tags of a server."""

from nova_lite.base.policy import MEMBER, READER, Rule

_P = "os_compute_api:os-server-tags:"

INDEX = f"{_P}index"
SHOW = f"{_P}show"
UPDATE = f"{_P}update"
UPDATE_ALL = f"{_P}update_all"
DELETE = f"{_P}delete"
DELETE_ALL = f"{_P}delete_all"

_ALL = "/servers/{server_id}/tags"
_ONE = f"{_ALL}/{{tag}}"

RULES = (
    Rule(INDEX, READER, "List the tags of a server.", (("GET", _ALL),)),
    Rule(SHOW, READER, "Ask whether a server has a tag.", (("GET", _ONE),)),
    Rule(UPDATE, MEMBER, "Add a tag.", (("PUT", _ONE),)),
    Rule(UPDATE_ALL, MEMBER, "Replace the tags.", (("PUT", _ALL),)),
    Rule(DELETE, MEMBER, "Delete a tag.", (("DELETE", _ONE),)),
    Rule(DELETE_ALL, MEMBER, "Delete all tags.", (("DELETE", _ALL),)),
)
