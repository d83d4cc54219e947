# SPDX-License-Identifier: Apache-2.0
"""A listener goes from the privileged process to the daemon through a socket in the daemon's
folder.

The kernel takes no path of a socket that is longer than 107 bytes, and folders may be deeper:
so both sides go through a descriptor of the folder, whose name under /proc is short.
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from nova_lite.base import concurrency

NAME: Final = "handover.sock"
PATIENCE: Final = 5.0  # seconds for what has been connected already


def take(folder: Path, send: Callable[[str], None]) -> int:
    """The descriptor that comes when `send` has been told the path of our socket."""
    plain = concurrency.original("socket")
    path = folder / NAME
    path.unlink(missing_ok=True)
    with plain.socket(plain.AF_UNIX, plain.SOCK_STREAM) as door:
        with _short(path) as short:
            door.bind(short)
        try:
            os.chmod(path, 0o600)
            door.listen(1)
            send(str(path))
            door.settimeout(PATIENCE)
            channel, _ = door.accept()
            with channel:
                _, descriptors, _, _ = plain.recv_fds(channel, 64, 1)
        finally:
            path.unlink(missing_ok=True)
    return int(descriptors[0])


def give(path: str, listener: Any) -> None:
    """Send a socket to who waits at the path."""
    plain = concurrency.original("socket")
    with plain.socket(plain.AF_UNIX, plain.SOCK_STREAM) as channel:
        with _short(Path(path)) as short:
            channel.connect(short)
        plain.send_fds(channel, [b"listener"], [listener.fileno()])


@contextlib.contextmanager
def _short(path: Path) -> Iterator[str]:
    """Another name of the file, for a while."""
    descriptor = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{descriptor}/{path.name}"
    finally:
        os.close(descriptor)
