# SPDX-License-Identifier: Apache-2.0
"""The image cache of a compute host: each image is fetched, checked and converted once.

`<instances_path>/<subdirectory_name>/<sha1 of the image id>` is the base that disks stand on,
with what is known of it in a JSON file beside it (format, size; its modification time is the
last use). A base is complete or not there: it is made under another name and renamed. While a
base is made or removed, `<instances_path>/locks/<its name>` is locked, so several processes
may share one cache.

Nothing that an image says of itself is believed. Its header is read here, then by qemu-img
under limits, and what was converted is only ever opened as what it was converted to.
"""

import errno
import hashlib
import logging
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from oslo_config import cfg

from nova_lite.backends.image.port import ImagePort
from nova_lite.base import clock, concurrency, files, process
from nova_lite.base.context import RequestContext
from nova_lite.domain import diskformat
from nova_lite.domain.errors import (
    ImageNotActive,
    ImageStoreUnavailable,
    ImageUnacceptable,
    Unavailable,
)
from nova_lite.domain.image import Image
from nova_lite.virt import qemu_img
from nova_lite.virt.driver import RootImage

LOG = logging.getLogger(__name__)

USABLE_FORMATS = ("raw", "qcow2")
USABLE_CONTAINERS = (None, "bare")
GIB = 1 << 30
PART = ".part-"
FOLDER_MODE = 0o711  # of a new one, until the driver has closed it to all but the emulator
NO_ROOM = os.strerror(errno.ENOSPC)
FIRST_PAUSE = 1.0  # seconds before the second try of a download; doubled each time
LONGEST_PAUSE = 30.0
MINIMUM_AGE = 60  # seconds that a base is kept at least: a disk over it may just be made


class _Record(msgspec.Struct, frozen=True, kw_only=True):
    """What is written beside a base."""

    image_id: str
    format: str
    virtual_size: int


class ImageCache:
    """Call it from ordinary threads of the service: it waits without blocking the others."""

    def __init__(self, conf: cfg.ConfigOpts, images: ImagePort) -> None:
        self._conf = conf
        self._images = images
        self._qemu_img = qemu_img.QemuImg(conf)
        instances = Path(conf.instances_path).absolute()
        self.folder = instances / conf.image_cache.subdirectory_name
        self._locks = instances / "locks"
        self._raw_only: bool = conf.force_raw_images
        limit = conf.compute.max_concurrent_disk_ops
        self._copies = concurrency.Semaphore(limit) if limit else None

    def prepare(self) -> None:
        """At start: make the folders, and remove what was half made when a process died."""
        self._make_folders()
        for part in self.folder.glob(f"{PART}*"):
            lock = files.FileLock(self._locks / part.name.removeprefix(PART).split("-")[0])
            if lock.try_acquire():
                LOG.info("Removing the unfinished download %s", part.name)
                part.unlink(missing_ok=True)
                lock.release()

    def fetch(
        self,
        context: RequestContext,
        image_id: str,
        *,
        max_virtual_size: int | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> RootImage:
        """The base for this image, downloaded first if it is not there.

        `max_virtual_size` (bytes): refuse a larger disk, before it is unpacked. Raises
        ImageNotFound, ImageNotActive, ImageUnacceptable, ImageStoreUnavailable, and
        Unavailable when this host has no room or no qemu-img.
        """
        name = base_name(image_id)
        try:
            self._make_folders()
            with files.FileLock(self._locks / name):
                root = self._find(name)
                if root is None:
                    root = self._make(context, image_id, name, max_virtual_size, progress)
                os.utime(self._record_path(name))
        except OSError as error:
            raise Unavailable(
                service="Storage of this host", reason=error.strerror or str(error)
            ) from error
        check_size(image_id, root.virtual_size, max_virtual_size)
        return root

    def properties(self, context: RequestContext, image_id: str) -> dict[str, str]:
        """What the image service says. Raises ImageNotFound, ImageStoreUnavailable."""
        return dict(self._images.get(context, image_id).properties)

    def sweep(self, in_use: Callable[[Path], bool]) -> list[Path]:
        """Remove bases that no disk needs and that nobody asked for lately; returns them.

        `in_use` is the driver's image_in_use.
        """
        if not self._conf.image_cache.remove_unused_base_images:
            return []
        removed = []
        for base in sorted(self.folder.glob("[0-9a-f]*")):
            if len(base.name) != 40:
                continue
            lock = files.FileLock(self._locks / base.name)
            if not lock.try_acquire():
                continue  # it is being made or fetched at this moment
            gone = False
            try:
                gone = self._remove_if_unused(base, in_use)
            finally:
                lock.release(remove=gone)
            if gone:
                removed.append(base)
        return removed

    # --- inside ---------------------------------------------------------------------------

    def _make_folders(self) -> None:
        self.folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        self._locks.mkdir(parents=True, exist_ok=True)

    def _record_path(self, name: str) -> Path:
        return self.folder / f"{name}.json"

    def _find(self, name: str) -> RootImage | None:
        path = self.folder / name
        try:
            record = msgspec.json.decode(self._record_path(name).read_bytes(), type=_Record)
        except (FileNotFoundError, msgspec.DecodeError):
            return None
        if not path.is_file():
            return None
        return RootImage(path=path, format=record.format, virtual_size=record.virtual_size)

    def _make(
        self,
        context: RequestContext,
        image_id: str,
        name: str,
        max_virtual_size: int | None,
        progress: Callable[[int], None] | None,
    ) -> RootImage:
        image = self._images.get(context, image_id)
        check_usable(image, self._conf.compute.image_type_exclude_list)
        with self._part(name) as download:
            self._download(context, image_id, download, progress)
            size = self._inspect(image, download)
            check_size(image_id, size, max_virtual_size)
            with self._in_wanted_format(image, name, download) as (ready, image_format):
                path = self.folder / name
                os.chmod(ready, 0o644)  # for the emulator, another user: the folder is closed
                record = _Record(image_id=image_id, format=image_format, virtual_size=size)
                files.write_whole(self._record_path(name), msgspec.json.encode(record).decode())
                concurrency.native(files.settle, ready, path)
        LOG.info("Image %s is cached as %s (%s)", image_id, path.name, image_format)
        return RootImage(path=path, format=image_format, virtual_size=size)

    def _download(
        self,
        context: RequestContext,
        image_id: str,
        target: Path,
        progress: Callable[[int], None] | None,
    ) -> None:
        tries = 1 + self._conf.glance.num_retries
        pause = FIRST_PAUSE
        for attempt in range(1, tries + 1):
            try:
                self._images.download(context, image_id, target, progress=progress)
                return
            except ImageStoreUnavailable as error:
                if attempt == tries:
                    raise
                LOG.warning(
                    "Download of image %s failed (%s), try %d of %d",
                    image_id,
                    error,
                    attempt,
                    tries,
                )
            clock.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _inspect(self, image: Image, path: Path) -> int:
        """Refuse what is not what it is said to be. Returns the virtual size in bytes."""
        declared = image.disk_format or "raw"
        head, tail = _ends(path)
        objection = diskformat.objection(declared, head, tail)
        if objection:
            raise ImageUnacceptable(image_id=image.id, reason=objection)
        try:
            info = self._qemu_img.info(path, declared)
        except process.CommandError as error:
            if error.missing:
                raise Unavailable(service="qemu-img", reason=qemu_img.ADVICE) from error
            raise ImageUnacceptable(
                image_id=image.id, reason=f"qemu-img cannot read it: {_without(path, error)}"
            ) from error
        if info.backing_file or info.data_file:
            raise ImageUnacceptable(image_id=image.id, reason="it refers to another file")
        if declared == "qcow2" and info.virtual_size != diskformat.parse_qcow2(head).virtual_size:
            raise ImageUnacceptable(image_id=image.id, reason="its header contradicts itself")
        return info.virtual_size

    @contextmanager
    def _in_wanted_format(
        self, image: Image, name: str, download: Path
    ) -> Iterator[tuple[Path, str]]:
        declared = image.disk_format or "raw"
        if declared == "raw" or not self._raw_only:
            yield download, declared
            return
        with self._part(name) as converted:
            try:
                with self._copies or _Free():
                    self._qemu_img.convert(download, declared, converted, "raw")
            except process.CommandError as error:
                if NO_ROOM in error.reason:
                    raise Unavailable(service="Storage of this host", reason=NO_ROOM) from error
                raise ImageUnacceptable(
                    image_id=image.id,
                    reason=f"it cannot be converted to raw: {_without(download, error)}",
                ) from error
            yield converted, "raw"

    @contextmanager
    def _part(self, name: str) -> Iterator[Path]:
        """A temporary name beside the bases; nothing of it is left behind."""
        path = self.folder / f"{PART}{name}-{secrets.token_hex(4)}"
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def _remove_if_unused(self, base: Path, in_use: Callable[[Path], bool]) -> bool:
        record = self._record_path(base.name)
        marked = record if record.exists() else base
        if in_use(base):
            os.utime(marked)
            return False
        limit = self._conf.image_cache.remove_unused_original_minimum_age_seconds
        age = clock.now().timestamp() - marked.stat().st_mtime
        if age < max(limit, MINIMUM_AGE):
            return False
        LOG.info("Removing the base %s, unused for %d s", base.name, age)
        base.unlink(missing_ok=True)
        record.unlink(missing_ok=True)
        return True


class _Free:
    """Stands for a semaphore where there is no limit."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None


def base_name(image_id: str) -> str:
    """The file name of an image's base."""
    return hashlib.sha1(image_id.encode(), usedforsecurity=False).hexdigest()


def check_usable(image: Image, excluded: list[str]) -> None:
    """Refuse, by what the image service says, what could never become a disk here."""
    if image.status != "active":
        raise ImageNotActive(image_id=image.id)
    declared = image.disk_format or "raw"
    if declared in excluded:
        reason = f"disk format {declared} is excluded by [compute] image_type_exclude_list"
        raise ImageUnacceptable(image_id=image.id, reason=reason)
    if declared not in USABLE_FORMATS:
        reason = f"disk format {declared} is not supported, only {' and '.join(USABLE_FORMATS)}"
        raise ImageUnacceptable(image_id=image.id, reason=reason)
    if image.container_format not in USABLE_CONTAINERS:
        reason = f"container format {image.container_format} is not supported, only bare"
        raise ImageUnacceptable(image_id=image.id, reason=reason)


def check_size(image_id: str, virtual_size: int, limit: int | None) -> None:
    """Refuse a disk that is larger than the flavor's; limit in bytes, None for none."""
    if limit is not None and virtual_size > limit:
        raise ImageUnacceptable(
            image_id=image_id,
            reason=f"its disk of {_gib(virtual_size)} GiB is larger than the flavor's "
            f"{_gib(limit)} GiB",
        )


def _gib(size: int) -> str:
    return f"{size / GIB:.2f}".rstrip("0").rstrip(".")


def _ends(path: Path) -> tuple[bytes, bytes]:
    with open(path, "rb") as file:
        head = file.read(diskformat.HEAD_SIZE)
        file.seek(max(0, file.seek(0, os.SEEK_END) - 512))
        return head, file.read(512)


def _without(path: Path, error: process.CommandError) -> str:
    """The complaint without the path of this host, which is no business of users."""
    return error.reason.replace(str(path), "the image").replace(path.name, "the image")
