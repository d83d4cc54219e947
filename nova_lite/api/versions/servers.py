# SPDX-License-Identifier: Apache-2.0
"""Names and steps that several changes of servers share."""

from typing import Any, Final

from nova_lite.api.versions.change import JsonSchema, SchemaStep, Step

LISTS: Final = ("servers.list", "servers.detail")
# Shapes that show a whole server.
DETAIL: Final = "server.detail"
SHOW: Final = "server.show"
UPDATE: Final = "server.update"
REBUILT: Final = "server.rebuilt"
READ: Final = (DETAIL, SHOW)
WHOLE: Final = (DETAIL, SHOW, UPDATE, REBUILT)


def inside(field: str, *names: str) -> Step:
    """Keys that were not in an object (or in the objects of a list) of an answer."""

    def step(item: dict[str, Any], source: Any, request: Any) -> None:
        found = item.get(field)
        for each in found if isinstance(found, list) else (found,):
            if isinstance(each, dict):
                for name in names:
                    each.pop(name, None)

    return step


def _items(schema: JsonSchema, field: str) -> JsonSchema:
    found = schema["properties"]["server"]["properties"][field]
    while "items" not in found:
        found = found["oneOf"][0]
    items: JsonSchema = found["items"]["properties"]
    return items


def items_without(field: str, *names: str) -> SchemaStep:
    """The entries of a list in the body of a server did not have these keys."""

    def step(schema: JsonSchema) -> None:
        for name in names:
            del _items(schema, field)[name]

    return step


def items_with(field: str, **schemas: JsonSchema) -> SchemaStep:
    """The entries of a list in the body of a server had these keys too."""

    def step(schema: JsonSchema) -> None:
        _items(schema, field).update(schemas)

    return step


DEVICE_TAG: Final[JsonSchema] = {
    "type": "string",
    "minLength": 1,
    "maxLength": 60,
    "pattern": "^[^,/]*$",
}
