# SPDX-License-Identifier: Apache-2.0
"""How a domain value becomes a body. Views are written for the newest microversion.

A view has two stages: `build(request)` looks once at who asks and gives the function that
makes one item; so a page of a thousand costs a thousand calls of that function and no more.
The differences of older microversions (`versions`) come on top, by the name of the shape.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from nova_lite.api.pages import Page
from nova_lite.api.request import Request
from nova_lite.api.versions import HISTORY

JsonSchema = dict[str, Any]
Make = Callable[[Any], dict[str, Any]]
Build = Callable[[Request], Make]

LINKS_SCHEMA: JsonSchema = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "rel": {"type": "string"},
            "href": {"type": "string", "format": "uri"},
            "type": {"type": "string"},
        },
        "required": ["rel", "href"],
        "additionalProperties": False,
    },
}


class View:
    """What dispatch asks of every kind of view."""

    def render(self, request: Request, value: Any) -> Any:
        """The body, as something that JSON can say; None = an empty one."""
        raise NotImplementedError

    def location(self, request: Request, value: Any) -> str | None:
        """The Location header, where there is one."""
        return None

    def schema(self) -> JsonSchema | None:
        """The newest body, for the OpenAPI document."""
        raise NotImplementedError


class Empty(View):
    """No body."""

    def render(self, request: Request, value: Any) -> None:
        return None

    def schema(self) -> None:
        return None


EMPTY = Empty()


@dataclass(frozen=True, kw_only=True)
class Item(View):
    """One value, wrapped in `key` (None: not wrapped)."""

    key: str | None
    shape: str
    build: Build
    of: JsonSchema
    where: Callable[[Request, Any], str | None] | None = None

    def render(self, request: Request, value: Any) -> Any:
        item = self.build(request)(value)
        older = HISTORY.older(self.shape, request.version)
        if older is not None:
            older(item, value, request)
        return item if self.key is None else {self.key: item}

    def location(self, request: Request, value: Any) -> str | None:
        return self.where(request, value) if self.where else None

    def schema(self) -> JsonSchema:
        return self.of if self.key is None else wrapped(self.key, self.of)


@dataclass(frozen=True, kw_only=True)
class Collection(View):
    """A list, or a `Page` whose next link stands under `links_key`. `marker` gives the id that
    the next page begins after."""

    key: str
    shape: str
    build: Build
    of: JsonSchema
    links_key: str | None = None
    marker: Callable[[Any], str] | None = None

    def render(self, request: Request, value: Page | Sequence[Any]) -> Any:
        page = value if isinstance(value, Page) else Page(items=value)
        make = self.build(request)
        items = list(map(make, page.items))
        older = HISTORY.older(self.shape, request.version)
        if older is not None:
            for item, source in zip(items, page.items, strict=True):
                older(item, source, request)
        body: dict[str, Any] = {self.key: items}
        if self.links_key and self.marker and page.full:
            href = request.links.next_page(
                dict(request.query), self.marker(page.items[-1]), page.limit
            )
            body[self.links_key] = [{"rel": "next", "href": href}]
        return body

    def schema(self) -> JsonSchema:
        properties: JsonSchema = {self.key: {"type": "array", "items": self.of}}
        if self.links_key:
            properties[self.links_key] = LINKS_SCHEMA
        return {
            "type": "object",
            "properties": properties,
            "required": [self.key],
            "additionalProperties": False,
        }


def wrapped(key: str, schema: JsonSchema) -> JsonSchema:
    """An object with this one key."""
    return {
        "type": "object",
        "properties": {key: schema},
        "required": [key],
        "additionalProperties": False,
    }


def closed(properties: JsonSchema, *, optional: Sequence[str] = ()) -> JsonSchema:
    """An object with exactly these properties."""
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }
