# SPDX-License-Identifier: Apache-2.0
"""A row of the route table: everything dispatch has to know of one call."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from nova_lite.api.request import Request
from nova_lite.api.view import View

JsonSchema = dict[str, Any]

# (request, clients, target, body) -> domain value, or an Answer
Handler = Callable[[Request, Any, Any, Any], Any]

# (request, clients) -> the parent resource; what it has as project_id and user_id is what the
# policy is asked about.
Target = Callable[[Request, Any], Any]


class Anyone:
    """The policy of calls that every authenticated caller may make."""

    def __repr__(self) -> str:
        return "ANYONE"


ANYONE: Final = Anyone()

# Schemas are said in every row, also where there is nothing to check.
NO_BODY: Final[JsonSchema] = {}
NO_QUERY: Final[JsonSchema] = {"type": "object", "properties": {}}


@dataclass(frozen=True)
class Answer:
    """A value with another status than the route's, or with headers."""

    value: Any = None
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Route:
    """One call.

    name     the route's name, unique: what `versions` speaks of ("flavors.show").
    policy   a rule's name, or ANYONE.
    query    schema of the query: name -> array of strings; NO_QUERY takes none.
    body     schema of the body; NO_BODY reads none. Needed for POST and PUT.
    action   for POST .../action: the key of the body that chooses this row.
    target   loads the parent resource, before the policy is asked.
    also     other success statuses that an Answer may have, for the documentation.
    hidden   not in the OpenAPI document: a call that is always refused.
    errors   domain classes that mean another status here than in `faults`.
    """

    method: str
    path: str
    name: str
    handler: Handler
    policy: str | Anyone
    view: View
    query: JsonSchema | None = None
    body: JsonSchema | None = None
    status: int = 200
    action: str | None = None
    target: Target | None = None
    also: tuple[int, ...] = ()
    hidden: bool = False
    errors: Mapping[type[Exception], int] = field(default_factory=dict)
    summary: str = ""

    def __post_init__(self) -> None:
        where = f"route {self.name} ({self.method} {self.path})"
        if not self.policy:
            raise TypeError(f"{where} has no policy")
        if self.query is None:
            if self.method == "GET":
                raise TypeError(f"{where} has no query schema")
            object.__setattr__(self, "query", NO_QUERY)
        if self.body is None:
            if self.method in ("POST", "PUT", "PATCH"):
                raise TypeError(f"{where} has no body schema")
            object.__setattr__(self, "body", NO_BODY)
        if (self.action is not None) != self.path.endswith("/action"):
            raise TypeError(f"{where}: action and path do not fit")
