# SPDX-License-Identifier: Apache-2.0
"""Pretended copies of pretended disks: a few real bytes in a real file."""

import contextlib
import shutil
import tempfile
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nova_lite.base import files
from nova_lite.domain import errors
from nova_lite.domain.instance import Instance
from nova_lite.virt.driver import SnapshotFile

FORMAT = "raw"


class FakeSnapshots:
    """The snapshots group. `folder` None: one that goes with the process."""

    def __init__(self, machine: Any, folder: Path | None) -> None:
        self._machine = machine
        self._folder = folder

    def take(self, instance: Instance, name: str, wanted: Callable[[], bool]) -> SnapshotFile:
        self._machine.meet("snapshot", instance)
        guest = self._machine.guests.get(instance)
        if not wanted():
            raise errors.GuestOperationFailed(
                operation="snapshot", name=guest.name, reason="it is not wanted any more"
            )
        path = self._path(name)
        if not path.exists():
            files.write_whole(path, f"the disk of {guest.name} after {guest.boots} boots\n")
        return SnapshotFile(path=path, format=FORMAT, virtual_size=path.stat().st_size)

    def drop(self, instance: Instance, name: str) -> None:
        self._machine.meet("drop_snapshot", instance)
        with contextlib.suppress(FileNotFoundError):
            self._path(name).unlink()

    def _path(self, name: str) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="fake-snapshots-"))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder / name
