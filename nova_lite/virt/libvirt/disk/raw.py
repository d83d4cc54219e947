# SPDX-License-Identifier: Apache-2.0
"""Root disks that are a copy of their own of the cached image."""

import os
from contextlib import AbstractContextManager
from pathlib import Path

from nova_lite.base import process
from nova_lite.virt.driver import RootImage
from nova_lite.virt.qemu_img import CONVERT_TIMEOUT, QemuImg


class RawDisks:
    """`make` a disk of `size` bytes. `turn`: held while a copy is made, to limit how many
    there are at a time. Raises process.CommandError, OSError."""

    format = "raw"

    def __init__(self, qemu_img: QemuImg, turn: AbstractContextManager[object]) -> None:
        self._qemu_img = qemu_img
        self._turn = turn

    def make(self, path: Path, root: RootImage, size: int) -> None:
        with self._turn:
            if root.format == "raw":
                # A clone where the file system can, else a copy without the holes.
                process.run(
                    ["cp", "--reflink=auto", "--sparse=always", "--", str(root.path), str(path)],
                    timeout=CONVERT_TIMEOUT,
                )
            else:
                self._qemu_img.convert(root.path, root.format, path, "raw")
        if path.stat().st_size < size:
            os.truncate(path, size)
