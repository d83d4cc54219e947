# SPDX-License-Identifier: Apache-2.0
"""New disks without an image: ephemeral ones with a file system, and swap. Raw and sparse."""

import errno
import os
from pathlib import Path

from nova_lite.base import process

TIMEOUT = 600.0
EPHEMERAL_LABEL = "ephemeral0"
SWAP_LABEL = "swap0"


def make(path: Path, size: int, file_system: str | None) -> None:
    """A file of `size` bytes. Raises process.CommandError, OSError."""
    if path.exists():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    part = path.with_name(f".{path.name}")
    with open(part, "wb") as file:
        os.truncate(file.fileno(), size)
    command = _command(file_system)
    if command:
        process.run([*command, "--", str(part)], timeout=TIMEOUT)
    os.rename(part, path)  # one that has its name is whole


def _command(file_system: str | None) -> list[str]:
    if file_system == "swap":
        return ["mkswap", "-q", "-L", SWAP_LABEL]
    if file_system in ("ext2", "ext3", "ext4"):
        return [f"mkfs.{file_system}", "-q", "-F", "-L", EPHEMERAL_LABEL]
    if file_system == "vfat":
        return ["mkfs.vfat", "-n", EPHEMERAL_LABEL.upper()]
    if file_system == "xfs":
        return ["mkfs.xfs", "-q", "-f", "-L", EPHEMERAL_LABEL]
    return []
