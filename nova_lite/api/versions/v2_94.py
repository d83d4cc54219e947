# SPDX-License-Identifier: Apache-2.0
"""The host name of a server may have a domain."""

from typing import Final

from nova_lite.api.versions.change import Change, JsonSchema, replaced

_LABEL: Final[JsonSchema] = {
    "type": "string",
    "minLength": 1,
    "maxLength": 63,
    "pattern": r"^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$",
}

CHANGE = Change(
    number=94,
    title="hostname may be an FQDN",
    body={
        "servers.create": replaced("server", hostname=_LABEL),
        "servers.update": replaced("server", hostname=_LABEL),
        "servers.action.rebuild": replaced("rebuild", hostname=_LABEL),
    },
)
