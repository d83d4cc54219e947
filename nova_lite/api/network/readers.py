# SPDX-License-Identifier: Apache-2.0
"""Values of attributes as clients write them, checked. Pure; ValueError says what is wrong."""

import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from nova_lite.base.ids import is_uuid

Reader = Callable[[Any], Any]

_TRUE: Final = ("true", "1", "t", "yes", "on", "y")
_FALSE: Final = ("false", "0", "f", "no", "off", "n")
_MAC: Final = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")
MAX_ITEMS: Final = 200


def text(most: int, *, least: int = 0) -> Reader:
    """A string of this many characters."""

    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise ValueError(f"'{value}' is not a valid string")
        if len(value) > most:
            raise ValueError(f"'{value}' exceeds maximum length of {most}")
        if len(value.strip()) < least:
            raise ValueError(f"'{value}' is too short")
        return value

    return read


def flag(value: Any) -> bool:
    """A boolean, or a word for one."""
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower() if isinstance(value, str | int) else ""
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError(f"'{value}' cannot be converted to boolean")


def number(least: int, most: int) -> Reader:
    """An integer, maybe written as a string."""

    def read(value: Any) -> int:
        if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,12}", value):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError(f"'{value}' is not an integer")
        if not least <= value <= most:
            raise ValueError(f"'{value}' is not between {least} and {most}")
        return value

    return read


def one_of(*words: str) -> Reader:
    def read(value: Any) -> str:
        if value not in words:
            raise ValueError(f"'{value}' is not in {list(words)}")
        return str(value)

    return read


def uuid(value: Any) -> str:
    if not is_uuid(value):
        raise ValueError(f"'{value}' is not a valid UUID")
    return str(value)


def address(value: Any) -> str:
    """An address, in its usual form."""
    try:
        if not isinstance(value, str):
            raise ValueError
        return str(ipaddress.ip_address(value))
    except ValueError:
        raise ValueError(f"'{value}' is not a valid IP address") from None


def range_or_address(value: Any) -> str:
    """An address, or a CIDR."""
    try:
        if not isinstance(value, str):
            raise ValueError
        ipaddress.ip_network(value, strict=False)
    except ValueError:
        raise ValueError(f"'{value}' is neither a valid IP address nor a valid CIDR") from None
    return value


def mac(value: Any) -> str:
    """Six bytes in hex, in small letters; not one of a group."""
    found = value.lower().replace("-", ":") if isinstance(value, str) else ""
    if not _MAC.fullmatch(found) or int(found[:2], 16) & 1 or found == "00:00:00:00:00:00":
        raise ValueError(f"'{value}' is not a valid MAC address")
    return found


def or_none(inner: Reader) -> Reader:
    """null too."""
    return lambda value: None if value is None else inner(value)


def empty_as_none(inner: Reader) -> Reader:
    """null and the empty string mean that there is none."""
    return lambda value: None if value in (None, "") else inner(value)


def list_of(inner: Reader, most: int = MAX_ITEMS) -> Reader:
    """A list without anything twice; null is an empty one."""

    def read(value: Any) -> list[Any]:
        if value is None:
            return []
        if not isinstance(value, list):
            raise ValueError(f"'{value}' is not a list")
        if len(value) > most:
            raise ValueError(f"there are more than {most} items")
        found: list[Any] = []
        for each in map(inner, value):
            if each in found:
                raise ValueError(f"Duplicate items in the list: '{each}'")
            found.append(each)
        return found

    return read


def mapping(
    parts: Mapping[str, tuple[str, Reader]], *, required: tuple[str, ...], some: bool = False
) -> Reader:
    """An object: name in JSON -> (name that is sent on, reader). `some`: not an empty one."""

    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ValueError(f"'{value}' is not a dictionary")
        unknown = sorted(value.keys() - parts.keys())
        if unknown:
            raise ValueError(f"'{unknown[0]}' is not one of {', '.join(sorted(parts))}")
        missing = [name for name in required if name not in value]
        if missing:
            raise ValueError(f"'{missing[0]}' is missing")
        if some and not value:
            raise ValueError(f"one of {', '.join(sorted(parts))} is needed")
        return {parts[name][0]: parts[name][1](given) for name, given in value.items()}

    return read


def version(value: Any) -> int:
    """4 or 6."""
    if value in (4, "4", 6, "6") and not isinstance(value, bool):
        return int(value)
    raise ValueError(f"'{value}' is not in [4, 6]")
