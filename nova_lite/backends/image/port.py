# SPDX-License-Identifier: Apache-2.0
"""The image port: what compute needs of an image service."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from nova_lite.base.context import RequestContext
from nova_lite.domain.image import Image


class ImagePort(Protocol):
    """Reads act with the rights of the context. Raises ImageNotFound,
    ImageStoreUnavailable."""

    def get(self, context: RequestContext, image_id: str) -> Image: ...

    def list(self, context: RequestContext, *, name: str | None = None) -> list[Image]: ...

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
