# SPDX-License-Identifier: Apache-2.0
"""New disks without an image: ephemeral ones with a file system, and swap. Raw and sparse."""

import os
from pathlib import Path

from nova_lite.base import process

TIMEOUT = 600.0
EPHEMERAL_LABEL = "ephemeral0"
SWAP_LABEL = "swap0"


def make(path: Path, size: int, file_system: str | None) -> None:
    """A file of `size` bytes. Raises process.CommandError, OSError."""
    with open(path, "xb") as file:
        os.truncate(file.fileno(), size)
    command = _command(file_system)
    if command:
        process.run([*command, "--", str(path)], timeout=TIMEOUT)


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
