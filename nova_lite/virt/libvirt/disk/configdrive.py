# SPDX-License-Identifier: Apache-2.0
"""The config drive: a disk image that holds what a guest is told about itself.

iso9660 as a CD, or vfat as a disk; guests find either by its label.
"""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from nova_lite.base import process
from nova_lite.domain.guestdata.drive import LABEL
from nova_lite.virt.libvirt.disk.layout import DiskRecord

ROLE: Final = "config"
FILE: Final = "disk.config"
ISO, VFAT = "iso9660", "vfat"
VFAT_SIZE: Final = 64 * 2**20
TIMEOUT: Final = 120.0


class ConfigDrives:
    """`kind`: iso9660 or vfat; `program`: makes the former; `publisher` is written into it."""

    def __init__(self, kind: str, program: str, publisher: str) -> None:
        self._kind = kind
        self._program = program
        self._publisher = publisher

    def record(self, bus: str | None) -> DiskRecord:
        """How disk.info has it. `bus`: of a CD drive."""
        is_cd = self._kind == ISO
        return DiskRecord(
            role=ROLE,
            file=FILE,
            format="raw",
            size=0 if is_cd else VFAT_SIZE,
            file_system=self._kind,
            device="cdrom" if is_cd else "disk",
            bus=bus if is_cd else None,
        )

    def put(self, path: Path, disk: DiskRecord, files: Mapping[str, bytes]) -> None:
        """The image of this disk, whole or not at all, for the emulator alone to read. Raises as
        `make`."""
        part = path.with_name(path.name + ".part")
        part.unlink(missing_ok=True)
        try:
            self.make(part, disk.file_system or ISO, files)
            part.chmod(0o600)  # libvirt gives it to the emulator's user
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)

    def make(self, path: Path, kind: str, files: Mapping[str, bytes]) -> None:
        """A new image at `path`. Raises process.CommandError, OSError."""
        with tempfile.TemporaryDirectory(prefix=".config-", dir=path.parent) as folder:
            tree = Path(folder) / "tree"
            _write(tree, files)
            if kind == ISO:
                self._make_iso(path, tree)
            else:
                _make_vfat(path, tree)

    def _make_iso(self, path: Path, tree: Path) -> None:
        options = ["-quiet", "-J", "-r", "-V", LABEL, "-publisher", self._publisher]
        process.run([self._program, *options, "-o", str(path), str(tree)], timeout=TIMEOUT)


def _make_vfat(path: Path, tree: Path) -> None:
    with open(path, "xb") as file:
        os.truncate(file.fileno(), VFAT_SIZE)
    process.run(["mkfs.vfat", "-n", LABEL.upper(), "--", str(path)], timeout=TIMEOUT)
    tops = [str(top) for top in sorted(tree.iterdir())]
    process.run(["mcopy", "-i", str(path), "-s", "-Q", *tops, "::/"], timeout=TIMEOUT)


def _write(tree: Path, files: Mapping[str, bytes]) -> None:
    tree.mkdir()
    for name, content in files.items():
        place = tree / name
        if not place.resolve().is_relative_to(tree.resolve()):
            raise ValueError(f"{name!r} is not on the drive")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
