# SPDX-License-Identifier: Apache-2.0
"""Files that survive a crash: written whole or not at all, and locked between processes."""

import errno
import fcntl
import os
import secrets
from pathlib import Path
from types import TracebackType

from nova_lite.base import clock

FIRST_PAUSE = 0.01  # seconds between tries to get a lock; doubled up to
LONGEST_PAUSE = 0.5


def write_whole(path: Path, text: str, mode: int = 0o644) -> None:
    """Write `text` to `path` so that a reader, or a crash, finds the old text or the new."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def settle(part: Path, path: Path) -> None:
    """Give a finished temporary file its name: its data is on the disk before its name is."""
    with open(part, "rb") as file:
        os.fsync(file.fileno())
    os.replace(part, path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, where the file system can."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


class FileLock:
    """Held by one thread of one process on this machine; the kernel frees it when it dies.

    Waiting is done by trying again, so that a green thread that waits does not stop the others.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def try_acquire(self) -> bool:
        """Take it if nobody has it."""
        if self._descriptor is not None:
            raise RuntimeError(f"{self.path} is held already")
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        if not self._is_named(descriptor):  # it was removed by the one who held it
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def acquire(self, timeout: float | None = None) -> bool:
        """Take it, waiting at most `timeout` seconds (None: for ever). False: not got."""
        deadline = None if timeout is None else clock.monotonic() + timeout
        pause = FIRST_PAUSE
        while not self.try_acquire():
            if deadline is not None and clock.monotonic() >= deadline:
                return False
            clock.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        return True

    def release(self, *, remove: bool = False) -> None:
        """Give it back; with `remove` its file goes too (the others notice)."""
        if self._descriptor is None:
            return
        if remove:
            self.path.unlink(missing_ok=True)
        os.close(self._descriptor)
        self._descriptor = None

    def _is_named(self, descriptor: int) -> bool:
        try:
            named = os.stat(self.path)
        except FileNotFoundError:
            return False
        held = os.fstat(descriptor)
        return (held.st_dev, held.st_ino) == (named.st_dev, named.st_ino)

    def __enter__(self) -> "FileLock":
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
