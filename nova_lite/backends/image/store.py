# SPDX-License-Identifier: Apache-2.0
"""Images in one folder: `<id>` is the data, `<id>.json` what is known of it.

Several processes may use the folder. The JSON file is written whole; the data appears under
its name when it is complete; an upload that died leaves an image that waits for its data again.
"""

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from msgspec.structs import replace

from nova_lite.base import clock, concurrency, files, ids
from nova_lite.domain import diskformat
from nova_lite.domain.errors import (
    ImageConflict,
    ImageNotFound,
    ImageStoreUnavailable,
    ResourceLimitExceeded,
)
from nova_lite.domain.image import Image

SCHEMA = 1
HASH = "sha512"
LOCK_TIMEOUT = 30.0  # seconds; a change takes milliseconds


class _Sidecar(msgspec.Struct, frozen=True, kw_only=True):
    image: Image
    schema: int = SCHEMA


class ImageStore:
    """Knows nothing of users. Raises ImageNotFound, ImageConflict, ImageStoreUnavailable."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[str, tuple[tuple[int, int], Image]] = {}

    def recover(self) -> None:
        """At start: make the folder; images whose upload died wait for their data again."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o750)
        for image in self.all():
            if image.status != "saving":
                continue
            with self._upload_lock(image.id) as got:
                if got:
                    self._forget_data(image.id)
                    self._set_back(image.id)

    def all(self) -> list[Image]:
        """Every image, in no order."""
        found = []
        for path in self.folder.glob("*.json"):
            with contextlib.suppress(ImageNotFound):
                found.append(self.get(path.stem))
        return found

    def get(self, image_id: str) -> Image:
        path = self._sidecar(image_id)
        try:
            with open(path, "rb") as file:
                stat = os.fstat(file.fileno())
                mark = (stat.st_ino, stat.st_mtime_ns)
                known = self._read.get(image_id)
                if known is not None and known[0] == mark:
                    return known[1]
                image = msgspec.json.decode(file.read(), type=_Sidecar).image
        except FileNotFoundError:
            self._read.pop(image_id, None)
            raise ImageNotFound(image_id=image_id) from None
        except (OSError, msgspec.DecodeError) as error:
            raise ImageStoreUnavailable(reason=f"{path.name}: {error}") from error
        self._read[image_id] = (mark, image)
        return image

    def create(self, image: Image) -> Image:
        """A new image that waits for its data (status queued)."""
        if not ids.is_uuid(image.id):
            raise ImageConflict(image_id=image.id, reason="its id is not a uuid")
        now = clock.now()
        fresh = replace(image, status="queued", created_at=now, updated_at=now)
        with self._changing():
            if self._sidecar(fresh.id).exists():
                raise ImageConflict(image_id=fresh.id, reason="it exists already")
            self._write(fresh)
        return fresh

    def change(self, image_id: str, change: Callable[[Image], Image]) -> Image:
        """Write what `change` makes of the image; it may raise to refuse."""
        with self._changing():
            changed = replace(change(self.get(image_id)), updated_at=clock.now())
            self._write(changed)
        return changed

    def upload(self, image_id: str, chunks: Iterable[bytes], max_size: int | None = None) -> Image:
        """Give a queued image its data. When that fails it waits for its data again.

        Raises ResourceLimitExceeded for more than `max_size` bytes, and whatever reading the
        chunks raises.
        """
        with self._upload_lock(image_id) as got:
            if not got:
                raise ImageConflict(image_id=image_id, reason="its data is being uploaded")
            self.change(image_id, _to_saving)
            part = self.folder / f".{image_id}.part"
            try:
                facts = self._save(self.get(image_id), part, chunks, max_size)
                concurrency.native(files.settle, part, self._data(image_id))
                return self.change(image_id, lambda image: replace(image, **facts))
            except BaseException as error:
                part.unlink(missing_ok=True)
                self._forget_data(image_id)
                with contextlib.suppress(ImageNotFound):
                    self._set_back(image_id)
                if isinstance(error, OSError):
                    reason = error.strerror or str(error)
                    raise ImageStoreUnavailable(reason=reason) from error
                raise

    def open(self, image_id: str) -> tuple[Image, BinaryIO]:
        """An image and its data, to be read and closed. ImageConflict if it has none yet."""
        image = self.get(image_id)
        try:
            return image, open(self._data(image_id), "rb")
        except FileNotFoundError:
            raise ImageConflict(image_id=image_id, reason="it has no data yet") from None

    def delete(self, image_id: str, check: Callable[[Image], None]) -> None:
        """`check` may raise to refuse."""
        with self._changing():
            check(self.get(image_id))
            self._sidecar(image_id).unlink(missing_ok=True)
            # What is being uploaded is removed by its uploader, who will not find the image.
            self._data(image_id).unlink(missing_ok=True)
            self._read.pop(image_id, None)
            files.sync_folder(self.folder)

    # --- inside ---------------------------------------------------------------------------

    def _data(self, image_id: str) -> Path:
        return self.folder / image_id

    def _sidecar(self, image_id: str) -> Path:
        # The id comes from outside and becomes a file name.
        if not ids.is_uuid(image_id):
            raise ImageNotFound(image_id=image_id)
        return self.folder / f"{image_id}.json"

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        lock = files.FileLock(self.folder / ".lock")
        if not lock.acquire(LOCK_TIMEOUT):
            raise ImageStoreUnavailable(reason="another process holds the lock of the store")
        try:
            yield
        finally:
            lock.release()

    @contextlib.contextmanager
    def _upload_lock(self, image_id: str) -> Iterator[bool]:
        self._sidecar(image_id)
        lock = files.FileLock(self.folder / f".{image_id}.upload")
        got = lock.try_acquire()
        try:
            yield got
        finally:
            lock.release(remove=True)

    def _write(self, image: Image) -> None:
        text = msgspec.json.encode(_Sidecar(image=image)).decode()
        files.write_whole(self._sidecar(image.id), text, 0o640)

    def _set_back(self, image_id: str) -> None:
        self.change(image_id, lambda image: replace(image, status="queued", size=None))

    def _forget_data(self, image_id: str) -> None:
        self._data(image_id).unlink(missing_ok=True)
        (self.folder / f".{image_id}.part").unlink(missing_ok=True)

    def _save(
        self, image: Image, part: Path, chunks: Iterable[bytes], max_size: int | None
    ) -> dict[str, Any]:
        old = hashlib.md5(usedforsecurity=False)
        strong = hashlib.new(HASH)
        size, head = 0, b""
        with open(part, "wb", opener=lambda path, flags: os.open(path, flags, 0o640)) as file:
            for chunk in chunks:
                size += len(chunk)
                if max_size is not None and size > max_size:
                    raise ResourceLimitExceeded(resource=f"bytes of image data ({max_size})")
                if len(head) < diskformat.HEAD_SIZE:
                    head += chunk[: diskformat.HEAD_SIZE - len(head)]
                concurrency.native(_take, file, old, strong, chunk)
        return {
            "status": "active",
            "size": size,
            "virtual_size": diskformat.virtual_size(image.disk_format, head, size),
            "checksum": old.hexdigest(),
            "hash_algo": HASH,
            "hash_value": strong.hexdigest(),
        }


def _take(file: BinaryIO, old: Any, strong: Any, chunk: bytes) -> None:
    file.write(chunk)
    old.update(chunk)
    strong.update(chunk)


def _to_saving(image: Image) -> Image:
    if image.status != "queued":
        reason = f"Image status transition from {image.status} to saving is not allowed"
        raise ImageConflict(image_id=image.id, reason=reason)
    return replace(image, status="saving")
