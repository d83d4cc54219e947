# SPDX-License-Identifier: Apache-2.0
"""What guests wrote to their serial console, as virtlogd keeps it.

virtlogd moves a full `console.log` to `console.log.0`, that to `.1` and so on; newest first here.
"""

import os
from pathlib import Path

from nova_lite.domain.errors import ConsoleLogUnavailable
from nova_lite.domain.instance import Instance
from nova_lite.virt.libvirt.disk.layout import CONSOLE, GuestFolder

MAX_BYTES = 1 << 20  # no answer is longer, whatever was asked for
MAX_FILES = 32


class LibvirtConsoleLog:
    """The console log group."""

    def __init__(self, instances: Path) -> None:
        self._instances = instances

    def console_output(self, instance: Instance, length: int | None) -> str:
        """The last `length` lines (None: as many as there are), of the last MAX_BYTES at most.
        Raises ConsoleLogUnavailable."""
        folder = GuestFolder(self._instances, instance.uuid)
        if not folder.exists():
            raise ConsoleLogUnavailable(reason="the server has no files on this host")
        data = read_back(folder.path)
        return last_lines(data.decode("utf-8", "replace"), length)


def read_back(folder: Path) -> bytes:
    """The last MAX_BYTES of the log and of its older parts."""
    found = b""
    names = [CONSOLE, *(f"{CONSOLE}.{number}" for number in range(MAX_FILES))]
    for name in names:
        try:
            part = _tail(folder / name, MAX_BYTES - len(found))
        except FileNotFoundError:
            break
        except PermissionError as error:
            if found:
                break  # what can be read is the newest
            reason = f"{name} belongs to the logger of libvirt and may not be read by this service"
            raise ConsoleLogUnavailable(reason=reason) from error
        except OSError as error:
            raise ConsoleLogUnavailable(reason=error.strerror or str(error)) from error
        found = part + found
        if len(found) >= MAX_BYTES:
            break
    return found


def _tail(path: Path, size: int) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        end = file.seek(0, os.SEEK_END)
        file.seek(max(0, end - size))
        return file.read(size)


def last_lines(text: str, length: int | None) -> str:
    """The last `length` lines of a text, None for all; NULs, which no answer may hold, go."""
    text = text.replace("\0", "")
    if length is None or length < 0:
        return text
    if not length:
        return ""
    end = "\n" if text.endswith("\n") else ""
    return "\n".join(text.removesuffix("\n").split("\n")[-length:]) + end
