# SPDX-License-Identifier: Apache-2.0
"""What the documents are made from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from nova_lite.domain import errors
from nova_lite.domain.instance import Instance

PASSWORD_MOST: Final = 1020  # bytes of a posted password
_PART: Final = 255  # characters of one entry of the system metadata
_PARTS: Final = 4


class GuestData(msgspec.Struct, frozen=True, kw_only=True):
    """All that is stored of what a guest may know of itself. `password`: what it posted, or ''.

    `instance` is as conductor.get_instance has it, with interfaces and block devices.
    """

    instance: Instance
    password: str = ""


class GuestFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that the guest is to have at `path`; `contents` in base64."""

    path: str
    contents: str = ""


@dataclass(frozen=True)
class Surroundings:
    """What the documents say besides. `dhcp_domain`: '' for bare host names; `random`: that
    many random bytes; `vendor`: vendor_data.json, None where there is none; `vendor2`:
    vendor_data2.json; `caller`: the address that asks; `admin_pass` and `files`: on a config drive
    only."""

    dhcp_domain: str
    random: Callable[[int], bytes]
    vendor: Any = None
    vendor2: dict[str, Any] = field(default_factory=dict)
    caller: str = ""
    admin_pass: str | None = None
    files: Sequence[GuestFile] = ()


def password_of(system_metadata: dict[str, str]) -> str:
    """The password that a guest posted, '' before."""
    return "".join(system_metadata.get(f"password_{part}", "") for part in range(_PARTS))


def with_password(system_metadata: dict[str, str], password: str) -> dict[str, str]:
    """The system metadata with another password; '' takes it away. Raises Invalid for one that
    is too long."""
    if len(password) > PASSWORD_MOST:
        raise errors.Invalid(f"A password has at most {PASSWORD_MOST} characters.")
    keys = [f"password_{part}" for part in range(_PARTS)]
    kept = {key: value for key, value in system_metadata.items() if key not in keys}
    if not password:
        return kept
    return kept | {key: password[at * _PART : (at + 1) * _PART] for at, key in enumerate(keys)}
