# SPDX-License-Identifier: Apache-2.0
"""The calls of the Image API that the local store answers."""

from typing import Final

from nova_lite.api.image import data, handlers
from nova_lite.api.image.call import Route
from nova_lite.domain.errors import ResourceLimitExceeded

JSON: Final = ("application/json",)
PATCH: Final = ("application/openstack-images-v2.1-json-patch",)
_TOO_MUCH: Final[dict[type[Exception], int]] = {ResourceLimitExceeded: 413}
_IMAGES, _IMAGE = "/v2/images", "/v2/images/{id}"

ROUTES: Final = (
    Route(method="GET", path=_IMAGES, handler=handlers.index),
    Route(method="POST", path=_IMAGES, handler=handlers.create, media=JSON, errors=_TOO_MUCH),
    Route(method="GET", path=_IMAGE, handler=handlers.show),
    Route(method="PATCH", path=_IMAGE, handler=handlers.update, media=PATCH, errors=_TOO_MUCH),
    Route(method="DELETE", path=_IMAGE, handler=handlers.delete),
    Route(
        method="PUT",
        path=f"{_IMAGE}/file",
        handler=data.upload,
        media=(data.TYPE,),
        stream=True,
        errors=_TOO_MUCH,
    ),
    Route(method="GET", path=f"{_IMAGE}/file", handler=data.download),
    Route(method="POST", path=f"{_IMAGE}/actions/deactivate", handler=handlers.deactivate),
    Route(method="POST", path=f"{_IMAGE}/actions/reactivate", handler=handlers.reactivate),
    Route(method="PUT", path=f"{_IMAGE}/tags/{{tag}}", handler=handlers.add_tag, errors=_TOO_MUCH),
    Route(method="DELETE", path=f"{_IMAGE}/tags/{{tag}}", handler=handlers.remove_tag),
    Route(method="GET", path="/v2/schemas/image", handler=handlers.image_schema),
    Route(method="GET", path="/v2/schemas/images", handler=handlers.images_schema),
)

# What callers know from the whole Image API: a path's segment -> what is missing.
ABSENT: Final = {
    "members": "shares of images with other projects",
    "member": "shares of images with other projects",
    "import": "imports of images",
    "stage": "imports of images",
    "stores": "choices of stores",
    "tasks": "tasks",
    "metadefs": "metadata definitions",
    "locations": "locations of images",
    "cache": "caches of images",
    "usage": "quotas of images",
}
