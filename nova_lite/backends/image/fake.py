# SPDX-License-Identifier: Apache-2.0
"""An image service in memory, with faults on demand: for tests, and for the fake driver.

It begins with one image, whose id and data are always the same.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from oslo_config import cfg

from nova_lite.backends.image import access, verify
from nova_lite.backends.image.listing import DEFAULT_SORT, order
from nova_lite.base import clock
from nova_lite.base.context import RequestContext
from nova_lite.domain.errors import (
    Forbidden,
    ImageConflict,
    ImageNotFound,
    ImageStoreUnavailable,
)
from nova_lite.domain.image import Image

FAKE_IMAGE_ID = "a2459075-d96c-40d5-893e-577ff92e721c"
FAULTS = ("unavailable", "truncated", "checksum", "interrupted", "slow")
SLOW = 0.05  # seconds for each chunk of a slow download
SLOW_CHUNK = 4096


class FakeImages:
    """The image port. `put` adds images; `fail` makes the next calls go wrong."""

    def __init__(self, conf: cfg.ConfigOpts | None = None) -> None:
        self._images: dict[str, tuple[Image, bytes]] = {}
        self._faults: dict[str, list[str]] = {}
        self.downloads: dict[str, int] = {}  # how often each image was asked for, by id
        self.put(
            Image(
                id=FAKE_IMAGE_ID,
                name="fake",
                visibility="public",
                disk_format="raw",
                container_format="bare",
            ),
            b"fake image data\n" * 64,
        )

    def put(self, image: Image, data: bytes) -> Image:
        """Add an image, active, with the size and checksums of its data."""
        now = clock.now()
        full = replace(
            image,
            size=len(data),
            checksum=hashlib.md5(data, usedforsecurity=False).hexdigest(),
            hash_algo="sha512",
            hash_value=hashlib.sha512(data).hexdigest(),
            created_at=image.created_at or now,
            updated_at=now,
        )
        self._images[image.id] = (full, data)
        return full

    def data(self, image_id: str) -> bytes:
        """What was uploaded."""
        return self._images[image_id][1]

    def remove(self, image_id: str) -> None:
        self._images.pop(image_id, None)

    def spoil(self, image_id: str, data: bytes) -> None:
        """Replace an image's data and leave what is said of it as it was."""
        self._images[image_id] = (self._images[image_id][0], data)

    def fail(self, image_id: str, fault: str, times: int = 1) -> None:
        """The next `times` calls for this image go wrong in this way (one of FAULTS).

        "unavailable" hits reads and uploads too, the others downloads only.
        """
        if fault not in FAULTS:
            raise ValueError(f"{fault!r} is none of {', '.join(FAULTS)}")
        self._faults.setdefault(image_id, []).extend([fault] * times)

    # --- the port --------------------------------------------------------------------------

    def get(self, context: RequestContext, image_id: str) -> Image:
        if self._faults.get(image_id, [])[:1] == ["unavailable"]:
            self._faults[image_id].pop(0)
            raise ImageStoreUnavailable(reason="a fault was asked for")
        found = self._images.get(image_id)
        if found is None or not access.is_visible(context, found[0]):
            raise ImageNotFound(image_id=image_id)
        return found[0]

    def list(
        self,
        context: RequestContext,
        *,
        name: str | None = None,
        properties: Mapping[str, str] | None = None,
    ) -> list[Image]:
        wanted = (properties or {}).items()
        found = [
            image
            for image, _ in self._images.values()
            if access.is_listed(context, image)
            and name in (None, image.name)
            and wanted <= image.properties.items()
        ]
        return order(found, DEFAULT_SORT)

    def download(
        self,
        context: RequestContext,
        image_id: str,
        target: Path,
        *,
        progress: Callable[[int], None] | None = None,
    ) -> Image:
        self.downloads[image_id] = self.downloads.get(image_id, 0) + 1
        image = self.get(context, image_id)
        data = self._images[image_id][1]
        faults = self._faults.get(image_id, [])
        fault = faults.pop(0) if faults else ""
        verify.write_verified(image, _with_fault(data, fault), target, progress)
        return image

    def create(self, context: RequestContext, image: Image) -> Image:
        owner = image.owner or context.project_id
        access.check_create(context, owner)
        if image.id in self._images:
            raise ImageConflict(image_id=image.id, reason="it exists already")
        now = clock.now()
        made = replace(image, owner=owner, status="queued", created_at=now, updated_at=now)
        self._images[image.id] = (made, b"")
        return made

    def update(self, context: RequestContext, image_id: str, changes: dict[str, Any]) -> Image:
        image = self.get(context, image_id)
        access.check_change(context, image, "modify_image")
        changed = replace(image, **changes, updated_at=clock.now())
        self._images[image_id] = (changed, self._images[image_id][1])
        return changed

    def upload(self, context: RequestContext, image_id: str, chunks: Iterable[bytes]) -> Image:
        image = self.get(context, image_id)
        access.check_change(context, image, "upload_image")
        if image.status != "queued":
            raise ImageConflict(image_id=image_id, reason=f"it is {image.status}")
        data = b"".join(chunks)
        if image_id not in self._images:
            raise ImageNotFound(image_id=image_id)
        return self.put(replace(image, status="active"), data)

    def delete(self, context: RequestContext, image_id: str) -> None:
        image = self.get(context, image_id)
        access.check_change(context, image, "delete_image")
        if image.protected:
            raise Forbidden(f"Image {image_id} is protected and cannot be deleted.")
        self.remove(image_id)


def _with_fault(data: bytes, fault: str) -> Iterator[bytes]:
    if fault == "truncated":
        yield data[: len(data) // 2]
    elif fault == "checksum":
        yield bytes([data[0] ^ 1]) + data[1:]
    elif fault == "interrupted":
        yield data[: len(data) // 2]
        raise ImageStoreUnavailable(reason="the connection broke")
    elif fault == "slow":
        for start in range(0, len(data), SLOW_CHUNK):
            clock.sleep(SLOW)
            yield data[start : start + SLOW_CHUNK]
    else:
        yield data
