# SPDX-License-Identifier: Apache-2.0
"""Finds the route of a path: a tree of path segments, one dictionary look-up for each.

A segment that is written out wins over a variable (`/flavors/detail` over `/flavors/{id}`).
Faster than trying patterns one after the other, and dispatch is on the way of every request.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

# What may stand as project id before a path. Ids with other letters work without it.
PROJECT: Final = re.compile(r"[0-9a-f-]+")

# A method of a path: one thing, or action -> thing.
Entry = Any


class _Node:
    __slots__ = ("children", "methods", "variable")

    def __init__(self) -> None:
        self.children: dict[str, _Node] = {}
        self.variable: _Node | None = None
        # method -> (names of the variables on the way, entry)
        self.methods: dict[str, tuple[tuple[str, ...], Entry]] = {}


class Matcher:
    """Filled once with `add`, then asked with `find`."""

    def __init__(self) -> None:
        self._root = _Node()

    def add(self, method: str, path: str, thing: Any, action: str | None = None) -> None:
        """ValueError for a second one at the same place."""
        node = self._root
        names: list[str] = []
        for segment in path.strip("/").split("/"):
            if segment.startswith("{"):
                names.append(segment.strip("{}"))
                node.variable = node.variable or _Node()
                node = node.variable
            else:
                node = node.children.setdefault(segment, _Node())
        if action is None:
            if method in node.methods:
                raise ValueError(f"{method} {path} is there twice")
            node.methods[method] = tuple(names), thing
            return
        _, actions = node.methods.setdefault(method, (tuple(names), {}))
        if not isinstance(actions, dict) or action in actions:
            raise ValueError(f"{method} {path} {action} is there twice")
        actions[action] = thing

    def find(
        self, method: str, segments: list[str]
    ) -> tuple[Entry, dict[str, str], str | None] | None:
        """(entry, variables, project id that stood first); None: there is no such call.

        `segments` of a path, decoded: `["servers", "detail"]`.
        """
        found = self._walk(method, segments, 0)
        if found is not None:
            return *found, None
        if len(segments) > 1 and PROJECT.fullmatch(segments[0]):
            found = self._walk(method, segments, 1)
            if found is not None:
                return *found, segments[0]
        return None

    def _walk(
        self, method: str, segments: list[str], start: int
    ) -> tuple[Entry, dict[str, str]] | None:
        node = self._root
        values: list[str] = []
        last = len(segments) - 1
        for index in range(start, last + 1):
            segment = segments[index]
            following = node.children.get(segment)
            # The written-out segment wins, unless it leads nowhere with this method.
            if following is not None and (index < last or method in following.methods):
                node = following
                continue
            if node.variable is None or not segment:
                return None
            node = node.variable
            values.append(segment)
        found = node.methods.get(method)
        if found is None:
            return None
        names, entry = found
        return entry, dict(zip(names, values, strict=True))

    def __iter__(self) -> Iterator[tuple[str, str, Entry]]:
        """(path, method, entry) of everything."""
        stack = [("", self._root)]
        while stack:
            path, node = stack.pop()
            for method, (_, entry) in node.methods.items():
                yield path, method, entry
            stack.extend((f"{path}/{name}", child) for name, child in node.children.items())
            if node.variable is not None:
                stack.append((f"{path}/{{}}", node.variable))
