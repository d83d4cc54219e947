# SPDX-License-Identifier: Apache-2.0
"""Images as JSON, and fields in JSON as images. Pure."""

from typing import Any, Final

from msgspec.structs import replace

from nova_lite.api.times import zulu
from nova_lite.domain.image import Image

# Name in JSON -> name in Image, of what callers set.
FIELDS: Final[dict[str, str]] = {
    "name": "name",
    "visibility": "visibility",
    "protected": "protected",
    "os_hidden": "hidden",
    "owner": "owner",
    "container_format": "container_format",
    "disk_format": "disk_format",
    "min_ram": "min_ram",
    "min_disk": "min_disk",
    "tags": "tags",
}


def detail(image: Image) -> dict[str, Any]:
    """Everything that is shown of an image; its properties stand among its fields."""
    path = f"/v2/images/{image.id}"
    return {
        **image.properties,
        **{name: getattr(image, field) for name, field in FIELDS.items()},
        "id": image.id,
        "status": image.status,
        "size": image.size,
        "virtual_size": image.virtual_size,
        "checksum": image.checksum,
        "os_hash_algo": image.hash_algo,
        "os_hash_value": image.hash_value,
        "created_at": zulu(image.created_at),
        "updated_at": zulu(image.updated_at),
        "self": path,
        "file": f"{path}/file",
        "schema": "/v2/schemas/image",
    }


def fields(image: Image) -> dict[str, Any]:
    """What callers may change, as they write it: the document that a patch is applied to."""
    return {
        **image.properties,
        **{name: getattr(image, field) for name, field in FIELDS.items()},
        "tags": list(image.tags),
    }


def with_fields(image: Image, wanted: dict[str, Any]) -> Image:
    """The image with these fields; every unknown one is a property, and there are no others."""
    values = {FIELDS[name]: value for name, value in wanted.items() if name in FIELDS}
    if "tags" in values:
        values["tags"] = list(dict.fromkeys(values["tags"]))
    properties = {name: value for name, value in wanted.items() if name not in FIELDS}
    return replace(image, properties=properties, **values)
