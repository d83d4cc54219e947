# SPDX-License-Identifier: Apache-2.0
"""What requests about flavors look like, at the newest microversion."""

from nova_lite.api import shapes

LIST = shapes.query(
    limit=shapes.LIMIT,
    marker=shapes.MARKER,
    is_public=shapes.many(shapes.TEXT),
    minRam=shapes.many(shapes.TEXT),
    minDisk=shapes.many(shapes.TEXT),
    name=shapes.many(shapes.TEXT),
    sort_key=shapes.many(shapes.TEXT),
    sort_dir=shapes.many(shapes.TEXT),
)

_AT_LEAST_ONE = {**shapes.POSITIVE, "maximum": shapes.MAX_INT}
_AT_LEAST_NONE = {**shapes.NON_NEGATIVE, "maximum": shapes.MAX_INT}
_ID = {
    "oneOf": [
        {
            "type": "string",
            "minLength": 1,
            "maxLength": 255,
            "pattern": "^(?! )[a-zA-Z0-9. _-]+(?<! )$",
        },
        {"type": "integer"},
        {"type": "null"},
    ]
}
DESCRIPTION = {
    "type": ["string", "null"],
    "maxLength": 65535,
    "pattern": r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$",
}
CREATE = shapes.body(
    "flavor",
    {
        "name": shapes.NAME,
        "id": _ID,
        "ram": _AT_LEAST_ONE,
        "vcpus": _AT_LEAST_ONE,
        "disk": _AT_LEAST_NONE,
        "OS-FLV-EXT-DATA:ephemeral": _AT_LEAST_NONE,
        "swap": _AT_LEAST_NONE,
        "os-flavor-access:is_public": shapes.BOOLEAN,
        "description": DESCRIPTION,
    },
    "name",
    "ram",
    "vcpus",
    "disk",
)
UPDATE = shapes.body("flavor", {"description": DESCRIPTION}, "description")

_TENANT = shapes.closed({"tenant": shapes.PROJECT_ID}, "tenant")
ADD_ACCESS = shapes.closed({"addTenantAccess": _TENANT}, "addTenantAccess")
REMOVE_ACCESS = shapes.closed({"removeTenantAccess": _TENANT}, "removeTenantAccess")

_SPECS = {
    "type": "object",
    "patternProperties": {
        "^[a-zA-Z0-9-_:. ]{1,255}$": {"type": ["string", "number"], "maxLength": 255}
    },
    "additionalProperties": False,
}
CREATE_SPECS = shapes.closed({"extra_specs": _SPECS}, "extra_specs")
UPDATE_SPEC = {**_SPECS, "minProperties": 1, "maxProperties": 1}
