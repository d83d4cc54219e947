# SPDX-License-Identifier: Apache-2.0
"""What an image looks like: the documents of /v2/schemas, and the checks of requests."""

from typing import Any, Final

from nova_lite.api import validation
from nova_lite.domain.errors import Forbidden, Invalid, ResourceLimitExceeded

JsonSchema = dict[str, Any]

DISK_FORMATS: Final = (
    "ami", "ari", "aki", "vhd", "vhdx", "vmdk", "raw", "qcow2", "vdi", "iso", "ploop",
)  # fmt: skip
CONTAINER_FORMATS: Final = ("ami", "ari", "aki", "bare", "ovf", "ova", "docker", "compressed")
VISIBILITIES: Final = ("community", "public", "private", "shared")
MAX_TAGS: Final = 128
MAX_PROPERTIES: Final = 128
MAX_NAME: Final = 255
_MAX_INT: Final = 2**31 - 1
_ID: Final = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"


def _text(description: str, **more: Any) -> JsonSchema:
    return {"type": "string", "description": description, **more}


def _or_null(description: str, **more: Any) -> JsonSchema:
    return {"type": ["null", "string"], "description": description, **more}


def _number(description: str) -> JsonSchema:
    return {"type": "integer", "description": description, "minimum": 0, "maximum": _MAX_INT}


# What a caller may set; all but the id may change later.
SETTABLE: Final[dict[str, JsonSchema]] = {
    "id": _text("Identifier of the image", pattern=_ID),
    "name": _or_null("Name of the image", maxLength=MAX_NAME),
    "visibility": _text("Who sees the image", enum=list(VISIBILITIES)),
    "protected": {"type": "boolean", "description": "Whether the image cannot be deleted"},
    "os_hidden": {"type": "boolean", "description": "Whether plain lists leave the image out"},
    "owner": _or_null("Project that the image belongs to", maxLength=255),
    "container_format": _or_null(
        "Format of what is around the disk", enum=[None, *CONTAINER_FORMATS]
    ),
    "disk_format": _or_null("Format of the disk", enum=[None, *DISK_FORMATS]),
    "min_ram": _number("MiB of memory that a server needs"),
    "min_disk": _number("GiB of disk that a server needs"),
    "tags": {
        "type": "array",
        "description": "Words that the image can be found by",
        "items": {"type": "string", "minLength": 1, "maxLength": 255},
    },
}

# What the service says.
_SAID: Final[dict[str, JsonSchema]] = {
    "status": _text(
        "What state the data is in",
        enum=["queued", "saving", "active", "killed", "deleted", "deactivated"],
    ),
    "checksum": _or_null("MD5 of the data", maxLength=32),
    "os_hash_algo": _or_null("Algorithm of os_hash_value", maxLength=64),
    "os_hash_value": _or_null("Hash of the data, in hex", maxLength=128),
    "size": {"type": ["null", "integer"], "description": "Bytes of the data"},
    "virtual_size": {"type": ["null", "integer"], "description": "Bytes of the disk inside"},
    "created_at": _text("When the image was registered"),
    "updated_at": _text("When the image was last changed"),
    "self": _text("The image itself"),
    "file": _text("The data of the image"),
    "schema": _text("What describes the image"),
}

READ_ONLY: Final = frozenset({"status", "checksum", "os_hash_algo", "os_hash_value", "size",
                              "virtual_size", "created_at", "updated_at"})  # fmt: skip
RESERVED: Final = frozenset({"self", "file", "schema", "direct_url", "locations", "stores",
                             "deleted", "deleted_at"})  # fmt: skip

IMAGE: Final[JsonSchema] = {
    "name": "image",
    "properties": {
        **SETTABLE,
        **{name: {**each, "readOnly": True} for name, each in _SAID.items()},
    },
    "additionalProperties": {"type": "string"},
    "links": [
        {"rel": "self", "href": "{self}"},
        {"rel": "enclosure", "href": "{file}"},
        {"rel": "describedby", "href": "{schema}"},
    ],
}
IMAGES: Final[JsonSchema] = {
    "name": "images",
    "properties": {
        "images": {"type": "array", "items": IMAGE},
        "first": {"type": "string"},
        "next": {"type": "string"},
        "schema": {"type": "string"},
    },
    "links": [
        {"rel": "first", "href": "{first}"},
        {"rel": "next", "href": "{next}"},
        {"rel": "describedby", "href": "{schema}"},
    ],
}

_check_fields = validation.body_check(
    {
        "type": "object",
        "properties": SETTABLE,
        "propertyNames": {"minLength": 1, "maxLength": MAX_NAME},
        "additionalProperties": {"type": "string", "maxLength": 65535},
    }
)

# A JSON patch of RFC 6902, without `test` and `copy`.
_check_patch = validation.body_check(
    {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "op": {"enum": ["add", "replace", "remove", "move"]},
                "path": {"type": "string", "pattern": "^/"},
                "from": {"type": "string", "pattern": "^/"},
            },
            "required": ["op", "path"],
        },
    }
)


def check_fields(fields: Any) -> None:
    """Whether these are fields of an image. Raises Invalid, ResourceLimitExceeded."""
    _check_fields(fields)
    if len(set(fields.get("tags", ()))) > MAX_TAGS:
        raise ResourceLimitExceeded(resource=f"image tags ({MAX_TAGS})")
    if len(fields.keys() - SETTABLE.keys()) > MAX_PROPERTIES:
        raise ResourceLimitExceeded(resource=f"image properties ({MAX_PROPERTIES})")


def check_writable(name: str) -> None:
    """Raises Forbidden for a field that callers do not set."""
    if name in READ_ONLY:
        raise Forbidden(f"Attribute '{name}' is read-only.")
    if name in RESERVED:
        raise Forbidden(f"Attribute '{name}' is reserved.")


def check_create(body: Any) -> None:
    """The body of a new image. Raises Invalid, Forbidden, ResourceLimitExceeded."""
    if not isinstance(body, dict):
        raise Invalid("The body has to be a JSON object with the fields of an image.")
    for name in body:
        check_writable(name)
    check_fields(body)


def check_patch(body: Any) -> None:
    """Whether it is a JSON patch. Raises Invalid."""
    _check_patch(body)
    for change in body:
        if change["op"] in ("add", "replace") and "value" not in change:
            raise Invalid(f"Operation {change['op']} of {change['path']} has no value.")
        if change["op"] == "move" and "from" not in change:
            raise Invalid(f"Operation move to {change['path']} has no from.")
