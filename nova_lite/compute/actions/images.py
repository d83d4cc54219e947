# SPDX-License-Identifier: Apache-2.0
"""Images that are fetched before a server needs them."""

import logging

from nova_lite.base import clock
from nova_lite.base.context import RequestContext
from nova_lite.compute.roots import Roots

LOG = logging.getLogger(__name__)


class ImageActions:
    """The call cache_image of one host."""

    def __init__(self, roots: Roots) -> None:
        self._roots = roots

    def cache_image(
        self, context: RequestContext, *, image_id: str, max_virtual_size: int | None = None
    ) -> None:
        began = clock.monotonic()
        self._roots.fetch(context, image_id, max_virtual_size=max_virtual_size)
        LOG.info("Image %s is here after %.2f s", image_id, clock.monotonic() - began)
