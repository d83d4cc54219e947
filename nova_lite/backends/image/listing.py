# SPDX-License-Identifier: Apache-2.0
"""Filter, sort and page a list of images, with the words of the Image API v2. Pure."""

import datetime as dt
import operator
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from nova_lite.domain.brief import ECHO, brief
from nova_lite.domain.errors import Invalid
from nova_lite.domain.image import Image

VISIBILITIES = ("public", "private", "shared", "community", "all")
DEFAULT_SORT = [("created_at", "desc"), ("id", "desc")]

SORT_KEYS = (
    "name",
    "status",
    "container_format",
    "disk_format",
    "size",
    "id",
    "created_at",
    "updated_at",
    "min_disk",
    "min_ram",
)
_TEXTS = {
    "id": "id",
    "name": "name",
    "status": "status",
    "owner": "owner",
    "visibility": "visibility",
    "container_format": "container_format",
    "disk_format": "disk_format",
    "checksum": "checksum",
    "os_hash_value": "hash_value",
}
_LISTS = {"id", "name", "status", "container_format", "disk_format"}  # that know "in:"
_NUMBERS = {"min_disk": "min_disk", "min_ram": "min_ram", "size": "size"}
_FLAGS = {"protected": "protected", "os_hidden": "hidden"}
_TIMES = ("created_at", "updated_at")
_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "eq": operator.eq,
    "neq": operator.ne,
}
_TRUE, _FALSE = ("true", "1"), ("false", "0")

Check = Callable[[Image], bool]


class ImageQuery(msgspec.Struct, frozen=True, kw_only=True):
    """filters: name of a parameter -> its text. sort: (key, "asc"|"desc") pairs."""

    filters: dict[str, str] = {}
    tags: list[str] = []
    sort: list[tuple[str, str]] = []
    limit: int | None = None
    marker: str | None = None


def select(images: Iterable[Image], query: ImageQuery) -> list[Image]:
    """The page that is asked for. Raises Invalid, as for a marker that is not in the list."""
    checks = [_check(name, value) for name, value in query.filters.items()]
    wanted_tags = set(query.tags)
    found = order(list(images), query.sort)
    if query.marker is not None:
        # It need not fit the filters: its status may have changed since the last page.
        places = [n for n, image in enumerate(found) if image.id == query.marker]
        if not places:
            marker = brief(query.marker, ECHO)
            raise Invalid(f"Image {marker} could not be found: it is no marker of this list")
        found = found[places[0] + 1 :]
    found = [
        image
        for image in found
        if wanted_tags <= set(image.tags) and all(check(image) for check in checks)
    ]
    return found if query.limit is None else found[: query.limit]


def order(images: list[Image], sort: list[tuple[str, str]]) -> list[Image]:
    """Sorted by several keys; times and ids break ties, newest first."""
    result = list(images)
    for key, direction in reversed([*sort, *(d for d in DEFAULT_SORT if d[0] not in dict(sort))]):
        if key not in SORT_KEYS:
            raise Invalid(f"Invalid sort key {key}: must be one of {', '.join(SORT_KEYS)}")
        if direction not in ("asc", "desc"):
            raise Invalid(f"Invalid sort direction: {direction}")
        result.sort(key=_rank(key), reverse=direction == "desc")
    return result


def _rank(key: str) -> Callable[[Image], tuple[bool, Any]]:
    """None comes first; two of them are equal."""

    def rank(image: Image) -> tuple[bool, Any]:
        value = getattr(image, key)
        return (False, 0) if value is None else (True, value)

    return rank


def _check(name: str, value: str) -> Check:
    if name in _TEXTS:
        return _text_check(name, value)
    if name in _FLAGS:
        flag = _flag(name, value)
        return lambda image: getattr(image, _FLAGS[name]) is flag
    if name in _TIMES:
        return _time_check(name, value)
    if name in ("size_min", "size_max"):
        limit = _number(name, value)
        compare = operator.ge if name == "size_min" else operator.le
        return lambda image: image.size is not None and compare(image.size, limit)
    if name in _NUMBERS:
        number = _number(name, value)
        return lambda image: getattr(image, _NUMBERS[name]) == number
    return lambda image: image.properties.get(name) == value


def _text_check(name: str, value: str) -> Check:
    field = _TEXTS[name]
    if name == "visibility":
        if value not in VISIBILITIES:
            raise Invalid(f"Invalid visibility value: {value}")
        if value == "all":
            return lambda image: True
    if name in _LISTS and value.startswith("in:"):
        wanted = set(_split(value.removeprefix("in:")))
        return lambda image: getattr(image, field) in wanted
    return lambda image: getattr(image, field) == value


def _split(text: str) -> list[str]:
    """Words between commas; a word in double quotes may hold commas."""
    words, word, quoted = [], "", False
    for letter in text:
        if letter == '"':
            quoted = not quoted
        elif letter == "," and not quoted:
            words.append(word)
            word = ""
        else:
            word += letter
    if quoted:
        raise Invalid(f"Invalid filter value {text}: a quote is not closed")
    return [*words, word]


def _time_check(name: str, value: str) -> Check:
    sign, colon, text = value.partition(":")
    if not colon or sign not in _ORDERS:
        sign, text = "eq", value
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(f"Invalid filter value for {name}: {value}") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    compare = _ORDERS[sign]

    def check(image: Image) -> bool:
        has = getattr(image, name)
        return has is not None and compare(has.replace(microsecond=0), moment)

    return check


def _flag(name: str, value: str) -> bool:
    if value.lower() in _TRUE:
        return True
    if value.lower() in _FALSE:
        return False
    raise Invalid(f"Invalid value for {name}: {value} is neither true nor false")


def _number(name: str, value: str) -> int:
    if value.isascii() and value.isdigit() and len(value) < 20:
        return int(value)
    raise Invalid(f"Invalid value for {name}: {value} is not a number")
