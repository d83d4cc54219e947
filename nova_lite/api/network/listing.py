# SPDX-License-Identifier: Apache-2.0
"""The query of a list: what it asks for, and the link to the next page. Pure."""

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from nova_lite.api.network import readers
from nova_lite.api.network.attribute import Kind
from nova_lite.api.network.body import bad
from nova_lite.domain.network_query import NetworkKind, NetworkQuery

Query = Mapping[str, list[str]]

_PAGING: Final = ("limit", "marker", "page_reverse", "sort_key", "sort_dir", "fields")
_DIGITS: Final = re.compile("[0-9]{1,9}")
# What resources are not labelled with: what asks for these finds nothing, or everything.
_TAGS: Final = {"tags": True, "tags-any": True, "not-tags": False, "not-tags-any": False}
# Parts of the addresses of a port: fixed_ips=ip_address=192.0.2.1
_ADDRESS_PARTS: Final = {"ip_address": "address", "subnet_id": "subnet_id", "subnet": "subnet_id"}


class Wanted(NamedTuple):
    """query None: nothing can match. fields empty: all of them."""

    query: NetworkQuery | None
    fields: frozenset[str]


def read(kind: Kind, query: Query) -> Wanted:
    """Raises NetworkInvalid."""
    _check_direction(query)
    _check_names(kind, query)
    filters: dict[str, list[str]] = {}
    possible = True
    for name, values in query.items():
        if name in _PAGING:
            continue
        if name in _TAGS:
            possible = possible and not _TAGS[name]
        elif name in kind.fixed:
            possible = possible and _is_fixed(kind.fixed[name], values)
        else:
            for field, found in _filter(kind, name, values):
                before = filters.get(field)
                filters[field] = found if before is None else [v for v in found if v in before]
    asked = NetworkQuery(
        kind=kind.kind,
        filters=filters,
        sort=_sort(kind, query),
        limit=_limit(query),
        marker=_last(query, "marker") or None,
    )
    return Wanted(asked if possible else None, fields(query))


def fields(query: Query) -> frozenset[str]:
    """The names of what is to be shown."""
    return frozenset(name for name in query.get("fields", ()) if name)


def next_page(query: Query, marker: str) -> str:
    """The query of what comes after the resource `marker`."""
    pairs = [(name, each) for name, values in query.items() for each in values if name != "marker"]
    return urlencode([*pairs, ("marker", marker)])


def _check_direction(query: Query) -> None:
    word = _last(query, "page_reverse")
    try:
        backwards = word is not None and readers.flag(word)
    except ValueError as error:
        raise bad(f"Invalid input for page_reverse. Reason: {error}.") from None
    if backwards:
        raise bad("page_reverse is not supported: pages are read forwards only.")


def _check_names(kind: Kind, query: Query) -> None:
    unknown = [
        name
        for name in query
        if name not in _PAGING
        and name not in _TAGS
        and name not in kind.fixed
        and not _is_filter(kind, name)
    ]
    if unknown:
        raise bad(f"{unknown} is invalid attribute for filtering")


def _is_filter(kind: Kind, name: str) -> bool:
    if kind.kind is NetworkKind.PORT and name == "fixed_ips":
        return True
    attribute = kind.find(name)
    return attribute is not None and attribute.match is not None


def _filter(kind: Kind, name: str, values: list[str]) -> list[tuple[str, list[str]]]:
    if kind.kind is NetworkKind.PORT and name == "fixed_ips":
        return _address_filters(values)
    attribute = kind.find(name)
    assert attribute is not None and attribute.match is not None  # as _check_names saw
    try:
        return [(attribute.field, [attribute.match(value) for value in values])]
    except ValueError as error:
        raise bad(f"Invalid input for {name}. Reason: {error}.") from None


def _address_filters(values: list[str]) -> list[tuple[str, list[str]]]:
    parts: dict[str, list[str]] = {}
    for value in values:
        name, sign, wanted = value.partition("=")
        if not sign or name not in _ADDRESS_PARTS:
            raise bad(
                f"Invalid input for fixed_ips. Reason: '{value}' is neither ip_address=... nor "
                "subnet_id=...."
            )
        parts.setdefault(_ADDRESS_PARTS[name], []).append(wanted)
    return list(parts.items())


def _is_fixed(only: Any, values: list[str]) -> bool:
    written = {"None", "null", ""} if only is None else {str(only)}
    return any(value in written or value.lower() == str(only).lower() for value in values)


def _sort(kind: Kind, query: Query) -> list[tuple[str, bool]]:
    keys = [key for key in query.get("sort_key", []) if key]
    ways = [way.lower() for way in query.get("sort_dir", []) if way]
    for way in ways:
        if way not in ("asc", "desc"):
            raise bad(f"The value for sort_dir is invalid: '{way}'. Valid: asc, desc")
    if ways and len(keys) != len(ways):
        raise bad("The number of sort_keys and sort_dirs must be same")
    found = []
    for index, key in enumerate(keys):
        attribute = kind.find(key)
        if key in kind.fixed:
            continue
        if attribute is None or not attribute.sortable:
            raise bad(f"{[key]} is invalid attribute for sort_key")
        found.append((attribute.field, bool(ways) and ways[index] == "desc"))
    return found


def _limit(query: Query) -> int | None:
    text = _last(query, "limit")
    if text is None:
        return None
    if not _DIGITS.fullmatch(text):
        raise bad(f"Invalid input for limit. Reason: '{text}' is not a non-negative integer.")
    return int(text) or None


def _last(query: Query, name: str) -> str | None:
    values = query.get(name)
    return values[-1] if values else None
