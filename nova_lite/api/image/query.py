# SPDX-License-Identifier: Apache-2.0
"""The query of a list of images: what it asks for, and the links to pages. Pure."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from nova_lite.backends.image.listing import ImageQuery
from nova_lite.domain.errors import Invalid

Query = Mapping[str, list[str]]

DEFAULT_LIMIT: Final = 25
MAX_LIMIT: Final = 1000
MEMBER_STATUSES: Final = ("pending", "accepted", "rejected", "all")
PATH: Final = "/v2/images"

# What is not a filter.
_OTHERS: Final = frozenset(
    {"limit", "marker", "sort", "sort_key", "sort_dir", "tag", "member_status"}
)


def read(query: Query) -> ImageQuery:
    """Raises Invalid."""
    status = _last(query, "member_status")
    if status is not None and status not in MEMBER_STATUSES:
        raise Invalid(f"Invalid status: {status}")
    return ImageQuery(
        filters={name: values[-1] for name, values in query.items() if name not in _OTHERS},
        tags=query.get("tag", []),
        sort=_sort(query),
        limit=_limit(query),
        marker=_last(query, "marker") or None,
    )


def first_page(query: Query) -> str:
    """The same list from its beginning."""
    return _link([(name, each) for name, each in _pairs(query) if name != "marker"])


def next_page(query: Query, marker: str) -> str:
    """What comes after the image `marker`."""
    pairs = [(name, each) for name, each in _pairs(query) if name != "marker"]
    return _link([*pairs, ("marker", marker)])


def _pairs(query: Query) -> list[tuple[str, str]]:
    return [(name, each) for name, values in query.items() for each in values]


def _link(pairs: list[tuple[str, str]]) -> str:
    return f"{PATH}?{urlencode(pairs)}" if pairs else PATH


def _last(query: Query, name: str) -> str | None:
    values = query.get(name)
    return values[-1] if values else None


def _limit(query: Query) -> int:
    text = _last(query, "limit")
    if text is None:
        return DEFAULT_LIMIT
    if text.isascii() and text.isdigit() and len(text) < 20:
        return min(int(text), MAX_LIMIT)
    raise Invalid(f"limit param must be a non-negative integer, not {text}")


def _sort(query: Query) -> list[tuple[str, str]]:
    """`sort=name:asc,size`, or sort_key and sort_dir as often as wanted; keys without a
    direction go down."""
    keys, directions = query.get("sort_key", []), query.get("sort_dir", [])
    if "sort" in query:
        if keys or directions:
            raise Invalid("Old and new sorting syntax cannot be combined")
        words = [word.strip().partition(":") for word in ",".join(query["sort"]).split(",")]
        return [(key, direction or "desc") for key, _, direction in words]
    if directions and not keys:
        keys = ["created_at"]
    if len(directions) > 1 and len(directions) != len(keys):
        raise Invalid("Number of sort dirs does not match the number of sort keys")
    default = directions[0] if directions else "desc"
    ways = directions if len(directions) == len(keys) else [default] * len(keys)
    return list(zip(keys, ways, strict=True))
