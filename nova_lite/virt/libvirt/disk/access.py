# SPDX-License-Identifier: Apache-2.0
"""Folders that nobody but this service and the emulator may enter.

The emulator is another user, who may be let in without being let into a group of ours and without
root's help: by an access control list of the folder (acl(5)), which its owner may write. What is
inside may then be readable for all, as it has to be: libvirt gives the files of a guest's disk to
the emulator's user, images under it included, and this service has to read images later, too.
"""

import contextlib
import errno
import os
import pwd
import stat
import struct
from pathlib import Path
from typing import Final

ATTRIBUTE: Final = "system.posix_acl_access"
PASS_THROUGH: Final = (
    0o711  # where there are no lists: whoever knows the name of a file may have it
)
OWNER_ONLY: Final = 0o700

_VERSION: Final = struct.pack("<I", 2)
_ENTRY: Final = struct.Struct("<HHI")  # tag, permissions, whose
_OWNER, _USER, _GROUP, _MASK, _OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
_NOBODY: Final = 0xFFFFFFFF  # the id of entries that need none
_ALL, _ENTER, _NONE = 7, 1, 0


def may_enter(folder: Path, user: int) -> bool:
    """Whether a user without special rights may pass through."""
    found = folder.stat()
    if user == found.st_uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if user in _users(folder):
        return bool(found.st_mode & stat.S_IXGRP)  # which is the mask of the list
    if found.st_gid in _groups(user):
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)


def _groups(user: int) -> list[int]:
    try:
        known = pwd.getpwuid(user)
    except KeyError:
        return []
    return os.getgrouplist(known.pw_name, known.pw_gid)


def close(folder: Path, emulator: int | None) -> bool:
    """Let only the owner of `folder` and the user `emulator` (None: not known) enter it; who was
    let in before, by the service of another host that shares it, stays. Returns False, and
    leaves it so that others may pass through but not look around, where that cannot be had.
    Raises OSError."""
    if emulator is None:
        folder.chmod(PASS_THROUGH)
        return False
    if emulator == folder.stat().st_uid and not _users(folder):
        folder.chmod(OWNER_ONLY)
        return True
    try:
        os.setxattr(folder, ATTRIBUTE, _list(_users(folder) | {emulator}))
    except OSError as error:
        if error.errno not in (errno.ENOTSUP, errno.ENOSYS):
            raise
        folder.chmod(PASS_THROUGH)
        return False
    return True


def _list(users: set[int]) -> bytes:
    """The text of a list that lets these users pass through."""
    entries = [
        (_OWNER, _ALL, _NOBODY),
        *((_USER, _ENTER, user) for user in sorted(users)),
        (_GROUP, _NONE, _NOBODY),
        (_MASK, _ENTER, _NOBODY),
        (_OTHER, _NONE, _NOBODY),
    ]
    return _VERSION + b"".join(_ENTRY.pack(*entry) for entry in entries)


def _users(folder: Path) -> set[int]:
    """Who is in the list that the folder has."""
    found = b""
    with contextlib.suppress(OSError):
        found = os.getxattr(folder, ATTRIBUTE)
    entries = _ENTRY.iter_unpack(found[len(_VERSION) :])
    return {user for tag, permissions, user in entries if tag == _USER and permissions & _ENTER}
