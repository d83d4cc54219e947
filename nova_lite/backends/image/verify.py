# SPDX-License-Identifier: Apache-2.0
"""Size and checksum of an image's data: verified on its way to a file, and from one."""

import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from nova_lite.base import concurrency
from nova_lite.domain.errors import ImageUnacceptable
from nova_lite.domain.image import Image

LOG = logging.getLogger(__name__)

CHUNK = 1 << 20  # bytes at a time


def write_verified(
    image: Image,
    chunks: Iterable[bytes],
    target: Path,
    progress: Callable[[int], None] | None = None,
) -> None:
    """Write `chunks` to `target`. The file is removed when they are not the image's data.

    Raises ImageUnacceptable, and whatever reading the chunks raises.
    """
    digest, expected = _digest(image)
    try:
        with open(target, "wb") as file:
            written = 0
            for chunk in chunks:
                concurrency.native(_take, file, digest, chunk)
                written += len(chunk)
                if image.size is not None and written > image.size:
                    raise _unacceptable(image, f"its data is longer than {image.size} bytes")
                if progress is not None:
                    progress(written)
        if image.size is not None and written != image.size:
            reason = f"its data is truncated: {written} of {image.size} bytes came"
            raise _unacceptable(image, reason)
        if expected is not None and digest.hexdigest() != expected:
            raise _unacceptable(image, f"its data does not have the {digest.name} checksum")
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def read_chunks(file: BinaryIO) -> Iterable[bytes]:
    """The rest of an open file, a chunk at a time."""
    while chunk := file.read(CHUNK):
        yield chunk


class Counted:
    """Chunks on their way to an image service, counted and summed up as they pass."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self._weak = hashlib.md5(usedforsecurity=False)
        self._strong = {name: hashlib.new(name) for name in ("sha256", "sha512")}
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            concurrency.native(self._take, chunk)
            yield chunk

    def objection(self, image: Image) -> str | None:
        """What is said of the image and is not true of what was sent; None when all is well."""
        if image.status != "active":
            return f"it is {image.status} after its data was sent"
        if image.size is not None and image.size != self.size:
            return f"{image.size} of {self.size} bytes arrived"
        strong = self._strong.get(image.hash_algo or "")
        if strong is not None and image.hash_value:
            told, wanted = image.hash_value.lower(), strong.hexdigest()
        else:
            told, wanted = (image.checksum or "").lower(), self._weak.hexdigest()
        return None if told in ("", wanted) else "its checksum is not the one of what was sent"

    def _take(self, chunk: bytes) -> None:
        self.size += len(chunk)
        self._weak.update(chunk)
        for strong in self._strong.values():
            strong.update(chunk)


def _digest(image: Image) -> tuple[Any, str | None]:
    if image.hash_algo and image.hash_value:
        try:
            strong = hashlib.new(image.hash_algo, usedforsecurity=False)
            return strong, image.hash_value.lower()
        except ValueError:
            LOG.warning("Checksums by %s are not known here", image.hash_algo)
    weak = hashlib.md5(usedforsecurity=False)
    if image.checksum:
        return weak, image.checksum.lower()
    LOG.warning("The image service has no checksum of image %s: it is not verified", image.id)
    return weak, None


def _take(file: BinaryIO, digest: Any, chunk: bytes) -> None:
    file.write(chunk)
    digest.update(chunk)


def _unacceptable(image: Image, reason: str) -> ImageUnacceptable:
    return ImageUnacceptable(image_id=image.id, reason=reason)
