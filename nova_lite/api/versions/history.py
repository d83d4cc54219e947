# SPDX-License-Identifier: Apache-2.0
"""Composes the changes: what a route, a schema, an answer was like at one microversion.

Everything is asked once per (name, version) when the routes are collected, and kept. A version
is an int, the N of 2.N; LEGACY stands for the /v2 endpoint, which is 2.1 with a relaxed schema.
"""

import copy
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from nova_lite.api.versions.behaviours import Behaviour
from nova_lite.api.versions.change import EVERY, Change, Drop, JsonSchema, Step

LEGACY: Final = 0
OLDEST: Final = 1

Older = Callable[[dict[str, Any], Any, Any], None]


class History:
    """The list of changes, oldest first, and questions about it."""

    def __init__(self, changes: Sequence[Change]) -> None:
        self.changes = tuple(changes)
        self.newest = self.changes[-1].number
        self._bodies: dict[tuple[str, int], JsonSchema] = {}
        self._older: dict[tuple[str, int], Older | None] = {}
        self._composed: dict[tuple[int, ...], Older] = {}
        self._has: dict[int, frozenset[Behaviour]] = {
            version: frozenset(
                behaviour for change in self._until(version) for behaviour in change.behaviours
            )
            for version in self.all_versions()
        }

    def all_versions(self) -> range:
        """LEGACY and every microversion."""
        return range(LEGACY, self.newest + 1)

    def _until(self, version: int) -> Iterable[Change]:
        return (change for change in self.changes if change.number <= version)

    def _after(self, version: int) -> Iterable[Change]:
        """Changes that this version does not have yet, newest first."""
        return (change for change in reversed(self.changes) if change.number > version)

    # --- routes ----------------------------------------------------------------------------

    def window(self, name: str) -> tuple[int, int]:
        """First and last version that offers a route."""
        since, until = LEGACY, self.newest
        for change in self.changes:
            if name in change.adds:
                since = change.number
            if name in change.ends:
                until = change.number - 1
        return since, until

    def offered(self, name: str, version: int) -> bool:
        since, until = self.window(name)
        return since <= version <= until

    def status(self, name: str, version: int, newest: int) -> int:
        """The success status of a route whose newest one is `newest`."""
        for change in self._after(version):
            newest = change.status.get(name, newest)
        return newest

    def is_newest(self, version: int) -> bool:
        return version == self.newest

    def behaviours(self, version: int) -> frozenset[Behaviour]:
        return self._has[version]

    def relaxed(self, version: int) -> bool:
        """Whether bodies may hold unknown keys, and blanks around names."""
        return version == LEGACY

    # --- schemas ---------------------------------------------------------------------------

    def bands(self, name: str, kind: str) -> list[range]:
        """The spans of versions over which a schema of a route stays the same, within the
        route's window. `kind` is "body" or "query"."""
        since, until = self.window(name)
        begins = {since, OLDEST}
        for change in self.changes:
            table = change.body if kind == "body" else change.query
            strict = kind == "query" and (name in change.strict_query or _every(change))
            if name in table or strict:
                begins.add(change.number)
        first = sorted(begin for begin in begins if since <= begin <= until)
        return [
            range(begin, end) for begin, end in zip(first, [*first[1:], until + 1], strict=True)
        ]

    def body(self, name: str, newest: JsonSchema, version: int) -> JsonSchema:
        """The body schema of a route at a version."""
        schema = copy.deepcopy(newest)
        for change in self._after(version):
            step = change.body.get(name)
            if step is not None:
                step(schema)
        return schema

    def query(self, name: str, newest: JsonSchema, version: int) -> JsonSchema:
        """The query schema of a route at a version, closed or open to unknown keys."""
        schema = copy.deepcopy(newest)
        for change in self._after(version):
            step = change.query.get(name)
            if step is not None:
                step(schema)
        schema["additionalProperties"] = not any(
            name in change.strict_query or _every(change) for change in self._until(version)
        )
        return schema

    # --- answers ---------------------------------------------------------------------------

    def older(self, shape: str, version: int) -> Older | None:
        """What turns a newest answer of this shape into that of a version; None = nothing."""
        key = shape, version
        if key not in self._older:
            found = [
                step for change in self._after(version) for step in change.response.get(shape, ())
            ]
            self._older[key] = self._compose(found) if found else None
        return self._older[key]

    def _compose(self, found: list[Step]) -> Older:
        ids = tuple(map(id, found))
        known = self._composed.get(ids)
        if known is None:
            known = self._composed[ids] = compose(found)
        return known


def _every(change: Change) -> bool:
    return change.strict_query == EVERY


def compose(found: Sequence[Step]) -> Older:
    """One function from steps, in their order; drops that follow each other become one."""
    merged: list[Step] = []
    for step in found:
        if isinstance(step, Drop) and merged and isinstance(merged[-1], Drop):
            merged[-1] = Drop(*merged[-1].names, *step.names)
        else:
            merged.append(step)
    if len(merged) == 1:
        return merged[0]
    steps = tuple(merged)

    def older(item: dict[str, Any], source: Any, request: Any) -> None:
        for step in steps:
            step(item, source, request)

    return older
