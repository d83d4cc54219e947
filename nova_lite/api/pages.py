# SPDX-License-Identifier: Apache-2.0
"""Pages of lists: limit, marker, sort keys and directions from the query."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from nova_lite.api.request import Request
from nova_lite.api.shapes import MAX_INT
from nova_lite.domain import errors

DIRECTIONS = ("asc", "desc")


@dataclass(frozen=True, kw_only=True)
class Page:
    """Items, and the limit that was applied (None: the list is not paged)."""

    items: Sequence[Any]
    limit: int | None = None

    @property
    def full(self) -> bool:
        """As many items as the limit: there may be more."""
        return bool(self.items) and self.limit == len(self.items)


def limit(request: Request) -> int:
    """The page size: what was asked for, capped by [api] max_limit."""
    most: int = request.conf.api.max_limit
    asked = request.param("limit")
    return most if not asked else min(_count(asked), most)


def offset(request: Request) -> int:
    return _count(request.param("offset") or "0")


def _count(digits: str) -> int:
    """A number that the schema has let through; what no list can have counts as MAX_INT."""
    return int(digits) if len(digits) < 10 else MAX_INT


def marker(request: Request) -> str | None:
    return request.param("marker") or None


def sort(
    request: Request,
    default: Sequence[tuple[str, str]],
    allowed: Collection[str] | None = None,
    *,
    direction: str = "desc",
) -> list[tuple[str, str]]:
    """(key, "asc" | "desc") pairs from repeated sort_key and sort_dir.

    A key without a direction takes the first one given, or `direction`. Without any key it is
    `default`, in the first direction given if there is one. Invalid for a key that is not
    `allowed`, for another direction, and for more directions than keys.
    """
    keys = [key for key in request.query.get("sort_key", []) if key]
    directions = [word.lower() for word in request.query.get("sort_dir", []) if word]
    for word in directions:
        if word not in DIRECTIONS:
            raise errors.Invalid(f"Unknown sort direction, must be one of: {', '.join(DIRECTIONS)}")
    if not keys:
        return [(key, directions[0] if directions else way) for key, way in default]
    for key in keys:
        if allowed is not None and key not in allowed:
            raise errors.Invalid(f"Sort key supplied is invalid: {key}")
    if len(directions) > len(keys):
        raise errors.Invalid("Sort direction array size exceeds sort key array size.")
    first = directions[0] if directions else direction
    directions += [first] * (len(keys) - len(directions))
    return list(dict(zip(keys, directions, strict=True)).items())
