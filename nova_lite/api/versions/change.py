# SPDX-License-Identifier: Apache-2.0
"""What one microversion changed, as data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nova_lite.api.versions.behaviours import Behaviour

JsonSchema = dict[str, Any]

# Takes (item as the newer version shows it, the domain value it was made from, the request)
# and changes the item into what the older version showed.
Step = Callable[[dict[str, Any], Any, Any], None]

# Takes a copy of the newer schema and changes it into the older one.
SchemaStep = Callable[[JsonSchema], None]

# In `strict_query`: every route.
EVERY = frozenset({"*"})


class Drop:
    """A response step: these fields were not there."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def __call__(self, item: dict[str, Any], source: Any, request: Any) -> None:
        for name in self.names:
            item.pop(name, None)


@dataclass(frozen=True, kw_only=True)
class Change:
    """Microversion 2.`number`. Routes go by their names ("servers.create"), response shapes
    by theirs ("server.detail").

    adds, ends     routes offered from here on / no longer from here on.
    body, query    route -> how the schema was before.
    strict_query   routes whose unknown query keys are refused from here on.
    response       shape -> how an answer was before, in the order to be done.
    status         route -> the success status before.
    behaviours     what handlers and views may ask for by name from here on.
    """

    number: int
    title: str
    adds: frozenset[str] = frozenset()
    ends: frozenset[str] = frozenset()
    body: Mapping[str, SchemaStep] = field(default_factory=dict)
    query: Mapping[str, SchemaStep] = field(default_factory=dict)
    strict_query: frozenset[str] = frozenset()
    response: Mapping[str, tuple[Step, ...]] = field(default_factory=dict)
    status: Mapping[str, int] = field(default_factory=dict)
    behaviours: tuple[Behaviour, ...] = ()


def named(*names: str) -> frozenset[str]:
    """A set of routes."""
    return frozenset(names)


def on(shapes: tuple[str, ...], *steps: Step) -> dict[str, tuple[Step, ...]]:
    """The same response steps for several shapes."""
    return dict.fromkeys(shapes, steps)


# --- schema steps ---------------------------------------------------------------------------


def part(schema: JsonSchema, path: str) -> JsonSchema:
    """The subschema at a path of property names: "server.networks"; "" is the schema itself."""
    for name in path.split(".") if path else ():
        schema = schema["properties"][name]
    return schema


def without(path: str, *names: str) -> SchemaStep:
    """The object at `path` did not have these properties."""

    def step(schema: JsonSchema) -> None:
        target = part(schema, path)
        for name in names:
            del target["properties"][name]
        _unrequire(target, names)

    return step


def replaced(path: str, **schemas: JsonSchema) -> SchemaStep:
    """Properties of the object at `path` had (also, or instead) these schemas."""

    def step(schema: JsonSchema) -> None:
        part(schema, path)["properties"].update(schemas)

    return step


def optional(path: str, *names: str) -> SchemaStep:
    """These properties did not have to be given."""

    def step(schema: JsonSchema) -> None:
        _unrequire(part(schema, path), names)

    return step


def required(path: str, *names: str) -> SchemaStep:
    """These properties had to be given."""

    def step(schema: JsonSchema) -> None:
        target = part(schema, path)
        target["required"] = [*target.get("required", ()), *names]

    return step


def steps(*each: SchemaStep) -> SchemaStep:
    """Several schema steps, done in this order."""

    def step(schema: JsonSchema) -> None:
        for one in each:
            one(schema)

    return step


def no_params(*names: str) -> SchemaStep:
    """The query did not have these parameters."""

    def step(schema: JsonSchema) -> None:
        for name in names:
            del schema["properties"][name]

    return step


def _unrequire(target: JsonSchema, names: tuple[str, ...]) -> None:
    left = [name for name in target.get("required", ()) if name not in names]
    if left:
        target["required"] = left
    else:
        target.pop("required", None)
