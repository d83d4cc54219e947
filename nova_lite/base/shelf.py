# SPDX-License-Identifier: Apache-2.0
"""Small values by name, kept in memory or as one JSON file each: what the fakes remember.

In a folder every value is written whole or not at all, and outlives the process that wrote it
(kill -9 too; a power cut is not its business, so nothing is synced). Several processes may use
one folder: `add` gives a name to one of them only.
"""

import itertools
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from nova_lite.base import concurrency

T = TypeVar("T", bound=msgspec.Struct)

_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.:-]*")
_counter = itertools.count()


class Shelf(Generic[T]):
    """Values of one struct type. A name has letters, digits and any of `_.:-`; it does not
    begin with a dot."""

    def __init__(self, kind: type[T], folder: Path | None = None) -> None:
        """`folder`: where the files are; it is made. None: in memory."""
        self._decoder = msgspec.json.Decoder(kind)
        self._folder = folder
        self._lock = concurrency.Lock()
        self._values: dict[str, bytes] = {}
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)

    def get(self, name: str) -> T | None:
        if self._folder is None:
            text = self._values.get(_checked(name))
        else:
            try:
                text = (self._folder / _checked(name)).read_bytes()
            except FileNotFoundError:
                text = None
        return None if text is None else self._decoder.decode(text)

    def put(self, name: str, value: T) -> None:
        """Write or replace."""
        text = msgspec.json.encode(value)
        if self._folder is None:
            self._values[_checked(name)] = text
            return
        part = self._write_part(name, text)
        os.replace(part, self._folder / name)

    def add(self, name: str, value: T) -> bool:
        """Write if there is none of that name; False when there is one."""
        text = msgspec.json.encode(value)
        if self._folder is None:
            with self._lock:
                return self._values.setdefault(_checked(name), text) is text
        part = self._write_part(name, text)
        try:
            os.link(part, self._folder / name)
        except FileExistsError:
            return False
        finally:
            part.unlink()
        return True

    def remove(self, name: str) -> bool:
        """False when there was none."""
        if self._folder is None:
            return self._values.pop(_checked(name), None) is not None
        try:
            (self._folder / _checked(name)).unlink()
        except FileNotFoundError:
            return False
        return True

    def names(self) -> list[str]:
        """In order."""
        if self._folder is None:
            return sorted(self._values)
        return sorted(name for name in os.listdir(self._folder) if not name.startswith("."))

    def items(self) -> Iterator[tuple[str, T]]:
        """In order of names; what is removed meanwhile is passed over."""
        for name in self.names():
            value = self.get(name)
            if value is not None:
                yield name, value

    def _write_part(self, name: str, text: bytes) -> Path:
        assert self._folder is not None  # noqa: S101 - only called with a folder
        part = self._folder / f".{_checked(name)}.{os.getpid()}.{next(_counter)}"
        part.write_bytes(text)
        return part


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} cannot be the name of a value")
    return name
