# SPDX-License-Identifier: Apache-2.0
"""The image service of one machine: a folder, with Glance's rules for who may do what."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from msgspec.structs import replace
from oslo_config import cfg

from nova_lite.backends.image import access, verify
from nova_lite.backends.image.listing import ImageQuery, select
from nova_lite.backends.image.store import ImageStore
from nova_lite.base.context import RequestContext
from nova_lite.domain.errors import Forbidden, ImageConflict, ImageNotFound
from nova_lite.domain.image import Image

Images = list[Image]  # inside the class, `list` is a method


class LocalImages:
    """The image port, and what the Image API needs beyond it. Errors as in the port, and
    Forbidden, ImageConflict, Invalid, ResourceLimitExceeded."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self.store = ImageStore(Path(conf.image.local_path).absolute())
        self.store.recover()

    # --- the port --------------------------------------------------------------------------

    def get(self, context: RequestContext, image_id: str) -> Image:
        image = self.store.get(image_id)
        if not access.is_visible(context, image):
            raise ImageNotFound(image_id=image_id)
        return image

    def list(
        self,
        context: RequestContext,
        *,
        name: str | None = None,
        properties: Mapping[str, str] | None = None,
    ) -> list[Image]:
        filters = dict(properties or {})
        if name is not None:
            filters["name"] = name
        return self.query(context, ImageQuery(filters=filters))

    def download(
        self,
        context: RequestContext,
        image_id: str,
        target: Path,
        *,
        progress: Callable[[int], None] | None = None,
    ) -> Image:
        image, file = self.open(context, image_id)
        with file:
            verify.write_verified(image, verify.read_chunks(file), target, progress)
        return image

    def create(self, context: RequestContext, image: Image) -> Image:
        owner = image.owner or context.project_id
        access.check_create(context, owner)
        access.check_visibility(context, image.visibility)
        return self.store.create(replace(image, owner=owner))

    def update(self, context: RequestContext, image_id: str, changes: dict[str, Any]) -> Image:
        """Refused as a whole or done as a whole."""
        return self.alter(context, image_id, lambda image: replace(image, **changes))

    def upload(
        self,
        context: RequestContext,
        image_id: str,
        chunks: Iterable[bytes],
        max_size: int | None = None,
    ) -> Image:
        """`max_size` in bytes."""
        access.check_change(context, self.get(context, image_id), "upload_image")
        return self.store.upload(image_id, chunks, max_size)

    def delete(self, context: RequestContext, image_id: str) -> None:
        access.check_change(context, self.get(context, image_id), "delete_image")

        def check(image: Image) -> None:
            if image.protected:
                raise Forbidden(f"Image {image_id} is protected and cannot be deleted.")

        self.store.delete(image_id, check)

    # --- for the Image API -----------------------------------------------------------------

    def query(self, context: RequestContext, query: ImageQuery) -> Images:
        """A page of what the caller may see. Hidden images, and others' community images,
        are shown to those who ask for them."""
        wanted = query.filters.get("visibility")
        open_list = wanted in ("community", "all")
        may_see = access.is_visible if open_list else access.is_listed
        filters = dict(query.filters)
        filters.setdefault("os_hidden", "false")
        seen = (image for image in self.store.all() if may_see(context, image))
        return select(seen, replace(query, filters=filters))

    def open(self, context: RequestContext, image_id: str) -> tuple[Image, BinaryIO]:
        """An image and its data, to be read and closed."""
        image = self.get(context, image_id)
        access.check_download(context, image)
        return self.store.open(image_id)

    def alter(
        self, context: RequestContext, image_id: str, change: Callable[[Image], Image]
    ) -> Image:
        """As update, by a function; it sees the image as it is now and may raise."""
        access.check_change(context, self.get(context, image_id), "modify_image")

        def checked(image: Image) -> Image:
            changed = change(image)
            if changed.visibility != image.visibility:
                access.check_visibility(context, changed.visibility)
            if changed.owner != image.owner:
                access.check_owner(context, changed.owner)
            return changed

        return self.store.change(image_id, checked)

    def set_active(self, context: RequestContext, image_id: str, active: bool) -> Image:
        """Let the data be used, or not. Twice is the same as once."""
        action = "reactivate" if active else "deactivate"
        access.check_change(context, self.get(context, image_id), action)
        status = "active" if active else "deactivated"

        def change(image: Image) -> Image:
            if image.status not in ("active", "deactivated"):
                reason = f"Image status transition from {image.status} to {status} is not allowed"
                raise ImageConflict(image_id=image_id, reason=reason)
            return replace(image, status=status)

        return self.store.change(image_id, change)
