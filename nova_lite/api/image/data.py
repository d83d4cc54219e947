# SPDX-License-Identifier: Apache-2.0
"""The data of images, in and out, a piece at a time."""

import logging
from collections.abc import Iterator
from typing import Any, BinaryIO

from nova_lite.api.faults import HttpFault
from nova_lite.api.image.call import Call, Reply
from nova_lite.backends.image.verify import CHUNK
from nova_lite.base import concurrency
from nova_lite.domain.errors import Invalid, ResourceLimitExceeded

LOG = logging.getLogger(__name__)

TYPE = "application/octet-stream"


def upload(call: Call) -> Reply:
    """PUT /v2/images/{id}/file"""
    image = call.images.get(call.context, call.image_id)
    if image.container_format is None or image.disk_format is None:
        raise Invalid("Properties disk_format, container_format must be set prior to saving data.")
    length = _length(call.environ)
    if length is not None and call.max_size is not None and length > call.max_size:
        raise ResourceLimitExceeded(resource=f"bytes of image data ({call.max_size})")
    chunks = received(call.environ["wsgi.input"], length)
    call.images.upload(call.context, call.image_id, chunks, call.max_size)
    return Reply(status=204)


def download(call: Call) -> Reply:
    """GET /v2/images/{id}/file"""
    image = call.images.get(call.context, call.image_id)
    if image.status in ("queued", "saving"):
        return Reply(status=204)
    image, file = call.images.open(call.context, call.image_id)
    headers = {"Content-Type": TYPE, "Content-Length": str(image.size)}
    if image.checksum:
        headers["Content-MD5"] = image.checksum
    return Reply(status=200, chunks=FileChunks(file), headers=headers)


class FileChunks:
    """An open file as the body of an answer. The server closes it, also when the client went
    away."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def __iter__(self) -> Iterator[bytes]:
        while chunk := concurrency.native(self._file.read, CHUNK):
            yield chunk

    def close(self) -> None:
        self._file.close()


def received(stream: Any, length: int | None) -> Iterator[bytes]:
    """The body of a request; `length` None: as far as the server gives it. Raises Invalid for
    one that ends too early."""
    if length is None:
        yield from iter(lambda: _read(stream, CHUNK), b"")
        return
    left = length
    while left:
        chunk = _read(stream, min(CHUNK, left))
        if not chunk:
            raise Invalid(f"The image data ended early: {length - left} of {length} bytes came.")
        left -= len(chunk)
        yield chunk


def _read(stream: Any, size: int) -> bytes:
    try:
        chunk: bytes = stream.read(size)
    except (OSError, ValueError, EOFError) as error:
        # what servers raise when the sender breaks off, or breaks the rules of chunks
        LOG.info("Reading image data: %s: %s", type(error).__name__, error)
        raise Invalid("The image data ended early.") from error
    return chunk


def _length(environ: dict[str, Any]) -> int | None:
    """Bytes of the body; None when it comes in chunks."""
    if "HTTP_TRANSFER_ENCODING" in environ:
        return None
    text = environ.get("CONTENT_LENGTH") or "0"
    if not (text.isascii() and text.isdigit()):
        raise HttpFault(400, f"Content-Length {text} is not a number")
    return int(text)
