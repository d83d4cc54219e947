# SPDX-License-Identifier: Apache-2.0
"""What a resource of the Networking API consists of: one row for each attribute."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from nova_lite.api.network import readers
from nova_lite.api.network.readers import Reader
from nova_lite.api.times import zulu
from nova_lite.base.policy import ADMIN
from nova_lite.domain.network_query import NetworkKind

Show = Callable[[Any], Any]
# a value of the query -> the text that the rows are compared with
Match = Callable[[str], str]

_TIMES: Final = ("created_at", "updated_at")
# The owner of the network that a port is in, and administrators.
NETWORK_OWNER: Final = "rule:context_is_admin or rule:network_owner"


class Nothing:
    """No default."""


NOTHING: Final = Nothing()


def same(value: str) -> str:
    return value


def flag(value: str) -> str:
    """true or false, as people write it. ValueError."""
    return "true" if readers.flag(value) else "false"


@dataclass(frozen=True, kw_only=True)
class Attribute:
    """`name` in JSON is `field` of the domain value, of filters and of what is sent on.

    show        what is answered; None: the field as it is, unless `hidden`.
    read        from JSON to what is sent on, ValueError tells why not; None: nobody sets it.
    create, update, required    where it may and has to be given, if it is read at all.
    set_by      default of the rule that guards setting it; None: who may make the call.
    default     a value that needs no such rule when it is given at a creation.
    shown_by    default of the rule that guards seeing it.
    match       how filters write it; None: no filter.
    """

    name: str
    field: str
    show: Show | None = None
    hidden: bool = False
    read: Reader | None = None
    create: bool = True
    update: bool = True
    required: bool = False
    set_by: str | None = None
    default: Any = NOTHING
    shown_by: str | None = None
    match: Match | None = same

    @property
    def sortable(self) -> bool:
        """Whether lists can be in its order."""
        return not self.hidden and (self.match is not None or self.field in _TIMES)

    def shown(self, resource: Any) -> Any:
        return self.show(resource) if self.show else getattr(resource, self.field)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of resource: `one` and `many` are its names in bodies, `path` that in URLs.

    fixed       attributes that have one value here: shown, and taken when they say just that.
    complete    fills in what follows from other values at a creation.
    writable    whether there are updates.
    """

    kind: NetworkKind
    one: str
    many: str
    path: str
    words: str
    attributes: tuple[Attribute, ...]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    complete: Callable[[dict[str, Any]], None] | None = None
    writable: bool = True

    def find(self, name: str) -> Attribute | None:
        """The attribute of this name; tenant_id is an older name of project_id."""
        wanted = "project_id" if name == "tenant_id" else name
        return next((each for each in self.attributes if each.name == wanted), None)


# --- what all kinds have ------------------------------------------------------------------------

ID: Final = Attribute(name="id", field="id")
PROJECT: Final = Attribute(
    name="project_id", field="project_id", read=readers.text(255, least=1), update=False
)
NAME: Final = Attribute(name="name", field="name", read=readers.text(255))
DESCRIPTION: Final = Attribute(name="description", field="description", read=readers.text(255))
CREATED: Final = Attribute(
    name="created_at", field="created_at", show=lambda it: zulu(it.created_at), match=None
)
UPDATED: Final = Attribute(
    name="updated_at",
    field="updated_at",
    show=lambda it: zulu(it.updated_at or it.created_at),
    match=None,
)
REVISION: Final = Attribute(name="revision_number", field="revision")
STANDARD: Final = (ID, PROJECT, NAME, DESCRIPTION, CREATED, UPDATED, REVISION)


def admin_only(name: str, source: str, **more: Any) -> Attribute:
    """Set and seen by administrators."""
    return Attribute(name=name, field=source, set_by=ADMIN, shown_by=ADMIN, **more)
