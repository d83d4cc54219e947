# SPDX-License-Identifier: Apache-2.0
"""A JSON patch on an image. Pure: the image and the checked patch in, the changed image out.

Every field and property is a member of one flat document; only tags have members of their own.
"""

from typing import Any

from nova_lite.api.image import schema, view
from nova_lite.domain.errors import Forbidden, ImageConflict, Invalid
from nova_lite.domain.image import Image

Document = dict[str, Any]

_ONLY_QUEUED = ("disk_format", "container_format")


def apply(image: Image, changes: list[dict[str, Any]]) -> Image:
    """All of it or nothing. Raises Invalid, Forbidden, ImageConflict, ResourceLimitExceeded."""
    document = view.fields(image)
    for change in changes:
        path = _pointer(change["path"])
        if change["op"] == "move":
            origin = _pointer(change["from"])
            value = _take(image, document, origin)
            _put(image, document, path, value, new=True)
        elif change["op"] == "remove":
            _take(image, document, path)
        else:
            _put(image, document, path, change["value"], new=change["op"] == "add")
    schema.check_fields(document)
    changed = view.with_fields(image, document)
    _check_formats(image, changed)
    return changed


def _pointer(text: str) -> list[str]:
    """The names in a JSON pointer, and whether one may write there."""
    names = [name.replace("~1", "/").replace("~0", "~") for name in text[1:].split("/")]
    if len(names) > (2 if names[0] == "tags" else 1) or not names[0]:
        raise Invalid(f"Invalid JSON pointer for this resource: '{text}'")
    if names[0] == "id":
        raise Forbidden("Attribute 'id' is read-only.")
    schema.check_writable(names[0])
    return names


def _put(image: Image, document: Document, path: list[str], value: Any, *, new: bool) -> None:
    name = path[0]
    if len(path) == 2:
        _put_tag(image, document["tags"], path[1], value, new=new)
        return
    if not new and name not in document:
        raise ImageConflict(image_id=image.id, reason=f"Property {name} does not exist.")
    if name == "tags":
        # a later operation may work on its members
        schema.check_fields({"tags": value})
        value = list(value)
    document[name] = value


def _put_tag(image: Image, tags: list[Any], place: str, value: Any, *, new: bool) -> None:
    if new:
        tags.insert(_place(image, place, len(tags), end=True), value)
    else:
        tags[_place(image, place, len(tags))] = value


def _take(image: Image, document: Document, path: list[str]) -> Any:
    """Remove it, and give it."""
    name = path[0]
    if len(path) == 2:
        tags = document["tags"]
        return tags.pop(_place(image, path[1], len(tags)))
    if name in view.FIELDS:
        raise Forbidden(f"Property {name} may not be removed.")
    if name not in document:
        raise ImageConflict(image_id=image.id, reason=f"Property {name} does not exist.")
    return document.pop(name)


def _place(image: Image, text: str, count: int, *, end: bool = False) -> int:
    if text == "-" and end:
        return count
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise Invalid(f"Invalid JSON pointer for this resource: '/tags/{text}'")
    if int(text) < count + end:
        return int(text)
    raise ImageConflict(image_id=image.id, reason=f"there is no tag number {text}")


def _check_formats(before: Image, after: Image) -> None:
    if before.status == "queued":
        return
    for name in _ONLY_QUEUED:
        if getattr(before, name) != getattr(after, name):
            raise Forbidden(f"Attribute {name} can be only replaced for a queued image.")
