# SPDX-License-Identifier: Apache-2.0
"""Root disks that hold what differs from the cached image."""

from pathlib import Path

from nova_lite.virt.driver import RootImage
from nova_lite.virt.qemu_img import QemuImg


class Qcow2Disks:
    """`make` a disk of `size` bytes. Raises process.CommandError."""

    format = "qcow2"

    def __init__(self, qemu_img: QemuImg) -> None:
        self._qemu_img = qemu_img

    def make(self, path: Path, root: RootImage, size: int) -> None:
        self._qemu_img.create_overlay(path, root.path, root.format, size)
