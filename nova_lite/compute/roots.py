# SPDX-License-Identifier: Apache-2.0
"""Where the image of a server's disk comes from."""

from pathlib import Path
from typing import Protocol

from nova_lite.backends.image.port import ImagePort
from nova_lite.base.context import RequestContext
from nova_lite.compute.images import check_size, check_usable
from nova_lite.virt.driver import RootImage

GIB = 1 << 30


class Roots(Protocol):
    """See ImageCache.fetch."""

    def fetch(
        self, context: RequestContext, image_id: str, *, max_virtual_size: int | None = None
    ) -> RootImage: ...

    def properties(self, context: RequestContext, image_id: str) -> dict[str, str]:
        """What the image says of itself. Raises ImageNotFound, ImageStoreUnavailable."""
        ...


class FactsOnly:
    """For drivers that make no disks: the image must exist and be usable, and stays where it is."""

    def __init__(self, images: ImagePort, excluded: list[str]) -> None:
        """`excluded`: disk formats that are refused."""
        self._images = images
        self._excluded = excluded

    def fetch(
        self, context: RequestContext, image_id: str, *, max_virtual_size: int | None = None
    ) -> RootImage:
        image = self._images.get(context, image_id)
        check_usable(image, self._excluded)
        size = image.virtual_size or image.size or 0
        check_size(image_id, size, max_virtual_size)
        return RootImage(path=Path(image_id), format=image.disk_format or "raw", virtual_size=size)

    def properties(self, context: RequestContext, image_id: str) -> dict[str, str]:
        return dict(self._images.get(context, image_id).properties)


def limit_of(root_gb: int) -> int | None:
    """How large the disk may be, bytes; None: as large as the image is."""
    return root_gb * GIB if root_gb else None
