# SPDX-License-Identifier: Apache-2.0
"""The metadata of images is no longer proxied, nor limited."""

from typing import Any

from nova_lite.api.versions.behaviours import Behaviour
from nova_lite.api.versions.change import Change


def _image_meta(item: dict[str, Any], quota: Any, request: Any) -> None:
    item["absolute"]["maxImageMeta"] = quota.items["metadata_items"].limit


CHANGE = Change(
    number=39,
    title=(
        "Image metadata proxy 404; snapshot metadata no longer quota checked; maxImageMeta dropped"
    ),
    response={"limits": (_image_meta,)},
    behaviours=(Behaviour.NO_LIMIT_OF_IMAGE_METADATA,),
)
