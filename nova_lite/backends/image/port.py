# SPDX-License-Identifier: Apache-2.0
"""The image port: what servers need of an image service."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

from nova_lite.base.context import RequestContext
from nova_lite.domain.image import Image


class ImagePort(Protocol):
    """Everything is done with the rights of the context. Raises ImageNotFound,
    ImageStoreUnavailable; what writes, also Forbidden and ImageConflict."""

    def get(self, context: RequestContext, image_id: str) -> Image: ...

    def list(
        self,
        context: RequestContext,
        *,
        name: str | None = None,
        properties: Mapping[str, str] | None = None,
    ) -> list[Image]:
        """Those of this name that have all these properties; the newest first."""
        ...

    def download(
        self,
        context: RequestContext,
        image_id: str,
        target: Path,
        *,
        progress: Callable[[int], None] | None = None,
    ) -> Image:
        """Write the data to `target` and verify size and checksum on the way; the file is
        removed and ImageUnacceptable raised when they differ. `progress` gets bytes so far."""
        ...

    def create(self, context: RequestContext, image: Image) -> Image:
        """A new image without data (queued), under the id that is given; `owner` None means the
        caller's project. Raises ImageConflict when there is one of this id."""
        ...

    def update(self, context: RequestContext, image_id: str, changes: dict[str, Any]) -> Image:
        """Set fields of Image by their names: those that are columns of the image service
        (name, disk_format, container_format, min_disk, min_ram, visibility)."""
        ...

    def upload(self, context: RequestContext, image_id: str, chunks: Iterable[bytes]) -> Image:
        """Give a queued image its data; returns it as it is then, with size and checksum.

        Raises ImageConflict for an image that is not queued, ImageStoreUnavailable when what
        was stored is not what was sent, and whatever reading the chunks raises.
        """
        ...

    def delete(self, context: RequestContext, image_id: str) -> None: ...
