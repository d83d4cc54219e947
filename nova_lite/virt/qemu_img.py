# SPDX-License-Identifier: Apache-2.0
"""qemu-img, by argument lists; what reads a file from outside runs under limits.

Paths must be absolute: qemu-img takes a name with a colon in its first part for a protocol.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from oslo_config import cfg

from nova_lite.base import process

PROGRAM = "qemu-img"
GIB = 1 << 30
INFO_TIMEOUT = 120.0  # seconds of wall time
CREATE_TIMEOUT = 120.0
CONVERT_TIMEOUT = 3 * 3600.0
ADVICE = "qemu-img is not installed (Debian: apt-get install qemu-utils)"


class ImageInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What qemu-img says of a file. Sizes in bytes; disk_size is what it takes on the host."""

    format: str
    virtual_size: int
    disk_size: int = 0
    backing_file: str | None = None
    data_file: str | None = None
    encrypted: bool = False


def parse_info(text: str) -> ImageInfo:
    """Read the JSON form of `qemu-img info`."""
    said: dict[str, Any] = json.loads(text)
    specific = said.get("format-specific", {}).get("data", {})
    return ImageInfo(
        format=said["format"],
        virtual_size=said["virtual-size"],
        disk_size=said.get("actual-size", 0),
        backing_file=said.get("backing-filename"),
        data_file=specific.get("data-file") if isinstance(specific, dict) else None,
        encrypted=bool(said.get("encrypted")),
    )


class QemuImg:
    """The commands. Raises process.CommandError."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._cpu_seconds: int = conf.libvirt.images_cpu_time_limit
        self._address_space: int = conf.libvirt.images_address_space_limit * GIB

    def info(self, path: Path, image_format: str | None = None) -> ImageInfo:
        """Facts of a file; without `image_format` qemu-img guesses it. Never follows a
        backing file. Works on disks in use."""
        chosen = ["-f", image_format] if image_format else []
        text = process.run(
            [PROGRAM, "info", "--output=json", "-U", *chosen, "--", _named(path)],
            timeout=INFO_TIMEOUT,
            cpu_seconds=self._cpu_seconds,
            address_space=self._address_space,
        )
        return parse_info(text)

    def create_overlay(self, path: Path, base: Path, base_format: str, size: int) -> None:
        """A new qcow2 file over `base`, `size` bytes large as the guest sees it."""
        process.run(
            # fmt: off
            [
                PROGRAM,
                "create",
                "-q",
                "-f",
                "qcow2",
                "-F",
                base_format,
                "-b",
                _named(base),
                "--",
                _named(path),
                str(size),
            ],
            # fmt: on
            timeout=CREATE_TIMEOUT,
        )

    def create(self, path: Path, image_format: str, size: int) -> None:
        """A new empty image of `size` bytes."""
        process.run(
            [PROGRAM, "create", "-q", "-f", image_format, "--", _named(path), str(size)],
            timeout=CREATE_TIMEOUT,
        )

    def convert(
        self,
        source: Path,
        source_format: str,
        target: Path,
        target_format: str,
        *,
        compress: bool = False,
        wanted: Callable[[], bool] | None = None,
    ) -> None:
        """Copy the content of an image into a new file of another format. `wanted` is asked now
        and then: False ends it."""
        process.run(
            # fmt: off
            [
                PROGRAM,
                "convert",
                "-q",
                "-f",
                source_format,
                "-O",
                target_format,
                *(["-c"] if compress else []),
                "--",
                _named(source),
                _named(target),
            ],
            # fmt: on
            timeout=CONVERT_TIMEOUT,
            wanted=wanted,
        )

    def grow(self, path: Path, image_format: str, size: int) -> None:
        """Make an image `size` bytes large; qemu-img refuses to make it smaller."""
        process.run(
            [PROGRAM, "resize", "-q", "-f", image_format, "--", _named(path), str(size)],
            timeout=CREATE_TIMEOUT,
        )


def _named(path: Path) -> str:
    if not path.is_absolute():
        raise ValueError(f"{path} is not an absolute path")
    return str(path)
