# SPDX-License-Identifier: Apache-2.0
"""What the documents are made from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from nova_lite.domain.instance import Instance

PASSWORD_MOST: Final = 1020  # bytes of a posted password


class GuestData(msgspec.Struct, frozen=True, kw_only=True):
    """All that is stored of what a guest may know of itself: the server with its interfaces and
    block devices."""

    instance: Instance


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
