# SPDX-License-Identifier: Apache-2.0
"""The file that gives each http_basic user a project and roles ([api] http_basic_identity_file).

YAML (JSON is YAML too), user name -> who that is:

    admin:
      project_id: 6f70656e737461636b2d6e6f76612d6c
      project_name: default
      roles: [admin]
    alice:
      user_id: 0a1b2c3d4e5f60718293a4b5c6d7e8f9
      project_id: 8d1fd0a5b0d84bf1a3a0c1f5d4f1c2ab
      roles: [member]

`user_id` is the name unless given, `project_name` the project's id. A role implies the lesser
ones, as in Keystone: admin, manager, member, reader. Passwords are not here but in the file of
[api] http_basic_auth_user_file (`htpasswd -B`). A changed file is read again.
"""

import os
from typing import Any

import msgspec
import yaml

from nova_lite.domain import errors

OPTION = "[api] http_basic_identity_file"


class Identity(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who a user is. Ids are free text."""

    project_id: str
    roles: list[str]
    user_id: str | None = None
    project_name: str | None = None


class Identities:
    """The file's content, read again when it changed."""

    def __init__(self, path: str) -> None:
        """ConfigurationError when the file cannot be read now."""
        self._path = path
        self._stamp: Any = None
        self._users: dict[str, Identity] = {}
        self._read()

    def find(self, name: str) -> Identity | None:
        """The identity of a user; None when the file does not name him."""
        self._refresh()
        return self._users.get(name)

    def all(self) -> list[Identity]:
        """Everybody of the file."""
        self._refresh()
        return list(self._users.values())

    def users(self) -> list[tuple[str, str]]:
        """(name, id) of everybody."""
        self._refresh()
        return [(name, who.user_id or name) for name, who in self._users.items()]

    def _refresh(self) -> None:
        if _stamp(self._path) != self._stamp:
            self._read()

    def _read(self) -> None:
        stamp = _stamp(self._path)
        try:
            with open(self._path, "rb") as file:
                self._users = decode(file.read())
        except (OSError, ValueError) as error:
            reason = " ".join(str(error).split())
            raise errors.ConfigurationError(option=OPTION, reason=reason) from error
        self._stamp = stamp


def decode(text: bytes) -> dict[str, Identity]:
    """ValueError says what is wrong with the file."""
    try:
        found = yaml.safe_load(text)
        return msgspec.convert({} if found is None else found, dict[str, Identity])
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def encode(users: dict[str, Identity]) -> bytes:
    """The text of a file with these users, for those who write one."""
    given = {name: _given(identity) for name, identity in users.items()}
    return yaml.safe_dump(given, sort_keys=False).encode()


def _given(identity: Identity) -> dict[str, Any]:
    values = msgspec.to_builtins(identity)
    return {key: value for key, value in values.items() if value is not None}


def _stamp(path: str) -> Any:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
