# SPDX-License-Identifier: Apache-2.0
"""From the query of a list of servers to an `InstanceQuery`.

The keys of `InstanceQuery.filters` are the names of Instance fields, and `flavorid`; those of
`matches` too, and `ip`, `ip6` (any fixed address). A parameter that the caller may not use is
not looked at, as if it had not been sent.
"""

import re
from collections.abc import Callable
from typing import Any, Final

from nova_lite.api import pages, validation
from nova_lite.api.request import Request
from nova_lite.api.resources.servers import policy
from nova_lite.api.resources.servers.schema import JOINED
from nova_lite.api.shapes import FALSE_WORDS, TRUE_WORDS
from nova_lite.api.versions.behaviours import Behaviour
from nova_lite.domain import errors, lifecycle
from nova_lite.domain.instance import InstanceQuery
from nova_lite.domain.states import TaskState, VmState


class Nothing(Exception):  # noqa: N818 - a result, not a failure
    """The filters match no server, whatever there is."""


# --- what a value means ----------------------------------------------------------------------


def _flag(name: str, word: str) -> bool:
    if word.lower() in TRUE_WORDS:
        return True
    if word.lower() in FALSE_WORDS:
        return False
    raise errors.Invalid(f"Invalid value '{word}' for filter {name}: a boolean is wanted.")


def _number(name: str, word: str) -> int:
    if not re.fullmatch(r"-?[0-9]+", word):
        raise errors.Invalid(f"Invalid value '{word}' for filter {name}: a number is wanted.")
    if len(word) > 9:
        raise Nothing  # no server has such a number
    return int(word)


def _moment(name: str, word: str) -> Any:
    try:
        return validation.parse_time(word)
    except (ValueError, OverflowError):
        raise errors.Invalid(
            f"Invalid value '{word}' for filter {name}: a time is wanted."
        ) from None


def _text(name: str, word: str) -> str:
    return word


_Read = Callable[[str, str], Any]

# parameter -> (field, how its value is read). Compared exactly.
EXACT: Final[dict[str, tuple[str, _Read]]] = {
    "user_id": ("user_id", _text),
    "launch_index": ("launch_index", _number),
    "image": ("image_ref", _text),
    "image_ref": ("image_ref", _text),
    "kernel_id": ("kernel_id", _text),
    "ramdisk_id": ("ramdisk_id", _text),
    "key_name": ("key_name", _text),
    "hostname": ("hostname", _text),
    "power_state": ("power_state", _number),
    "vm_state": ("vm_state", _text),
    "task_state": ("task_state", _text),
    "host": ("host", _text),
    "node": ("node", _text),
    "flavor": ("flavorid", _text),
    "reservation_id": ("reservation_id", _text),
    "launched_at": ("launched_at", _moment),
    "terminated_at": ("terminated_at", _moment),
    "created_at": ("created_at", _moment),
    "availability_zone": ("availability_zone", _text),
    "locked_by": ("locked_by", _text),
    "uuid": ("uuid", _text),
    "root_device_name": ("root_device_name", _text),
    "config_drive": ("config_drive", _flag),
    "access_ip_v4": ("access_ip_v4", _text),
    "access_ip_v6": ("access_ip_v6", _text),
    "auto_disk_config": ("auto_disk_config", _flag),
    "progress": ("progress", _number),
}
# parameter -> field. Regular expressions, matched anywhere.
MATCHED: Final[dict[str, str]] = {
    "name": "display_name",
    "display_name": "display_name",
    "description": "description",
    "display_description": "description",
    "ip": "ip",
    "ip6": "ip6",
}
# What those who may not use every filter may use, and since when.
FOR_ALL: Final[frozenset[str]] = frozenset(
    {"reservation_id", "name", "status", "image", "flavor", "ip", "changes-since", "all_tenants"}
)
FOR_ALL_SINCE: Final[dict[Behaviour, frozenset[str]]] = {
    Behaviour.IP6_FILTER_FOR_ALL: frozenset({"ip6"}),
    Behaviour.TAG_FILTERS_FOR_ALL: frozenset({"tags", "tags-any", "not-tags", "not-tags-any"}),
    Behaviour.CHANGES_BEFORE: frozenset({"changes-before"}),
    Behaviour.LOCKED_FILTER: frozenset({"locked"}),
    Behaviour.MORE_FILTERS_FOR_ALL: frozenset(
        "availability_zone config_drive key_name created_at launched_at terminated_at "
        "power_state task_state vm_state progress user_id".split()
    ),
    Behaviour.HOSTNAME_FOR_ALL: frozenset({"hostname"}),
}
# Not there at all, for nobody, before these.
NOT_BEFORE: Final[dict[Behaviour, frozenset[str]]] = {
    behaviour: FOR_ALL_SINCE[behaviour]
    for behaviour in (
        Behaviour.TAG_FILTERS_FOR_ALL,
        Behaviour.CHANGES_BEFORE,
        Behaviour.LOCKED_FILTER,
    )
}
SORT_FIELDS: Final = {
    "display_description": "description",
    "locked": "locked_by",
}
SORT_FOR_ADMINS: Final = ("host", "node")
_TIE_BREAKERS: Final = ("created_at", "id")


def query_of(request: Request, all_tenants_rule: str) -> InstanceQuery:
    """The query that the request asks for. Raises Invalid, Forbidden, and `Nothing`."""
    given = _usable(request)
    values: dict[str, Any] = {}
    filters: dict[str, Any] = {}
    for name, words in given.items():
        if name in EXACT:
            field, read = EXACT[name]
            found = [read(name, word) for word in words]
            filters[field] = found[0] if len(found) == 1 else found
        elif name in MATCHED:
            values.setdefault("matches", {})[MATCHED[name]] = words[-1]
    if "locked" in given:
        filters["locked"] = _flag("locked", given["locked"][-1])
    _add_states(request, given, values)
    _add_times(given, values)
    _add_tags(given, values)
    return InstanceQuery(
        project_id=_project(request, given, all_tenants_rule),
        filters=filters,
        sort=_sort(request),
        limit=pages.limit(request),
        marker=pages.marker(request),
        **values,
    )


def _usable(request: Request) -> dict[str, list[str]]:
    """The parameters that this caller may use at this version."""
    for name in request.query:
        if name in JOINED or name.startswith("_"):
            raise errors.Invalid(f"Invalid filter field: {name}.")
    given = dict(request.query)
    for behaviour, names in NOT_BEFORE.items():
        if not request.has(behaviour):
            given = {name: words for name, words in given.items() if name not in names}
    if request.allowed(policy.ALL_FILTERS):
        return given
    may = set(FOR_ALL)
    for behaviour, names in FOR_ALL_SINCE.items():
        if request.has(behaviour):
            may |= names
    return {name: words for name, words in given.items() if name in may}


def _project(request: Request, given: dict[str, list[str]], rule: str) -> str | None:
    """The project to list; None for all."""
    if "all_tenants" in given:
        word = given["all_tenants"][-1]
        if word == "" or _flag("all_tenants", word):
            request.authorize(rule)
            named = given.get("project_id") or given.get("tenant_id")
            return named[-1] if named else None
    return request.context.project_id


def _add_states(request: Request, given: dict[str, list[str]], values: dict[str, Any]) -> None:
    """`status`, `deleted`, `soft_deleted`."""
    if "deleted" in given:
        values["deleted"] = _flag("deleted", given["deleted"][-1])
    elif "changes-since" in given or "changes-before" in given:
        values["deleted"] = None
    if "soft_deleted" in given:
        values["soft_deleted"] = _flag("soft_deleted", given["soft_deleted"][-1])
    if "status" not in given:
        return
    states: list[tuple[VmState, list[TaskState | None]]] = []
    for word in given["status"]:
        for vm_state, task_states in lifecycle.states_of(word) or ():
            states.append((vm_state, list(task_states)))
    if not states:
        if request.has(Behaviour.UNKNOWN_STATUS_IS_REFUSED):
            raise errors.Invalid("Invalid status value")
        raise Nothing
    wanted = {vm_state for vm_state, _ in states}
    if VmState.DELETED in wanted:
        if not request.context.is_admin:
            raise errors.Forbidden("Only administrators may list deleted instances")
        values["deleted"] = True
    if VmState.SOFT_DELETED in wanted:
        values["soft_deleted"] = True
    values["states"] = states


def _add_times(given: dict[str, list[str]], values: dict[str, Any]) -> None:
    for name, field in (("changes-since", "changes_since"), ("changes-before", "changes_before")):
        if name in given:
            values[field] = _moment(name, given[name][-1])
    since, before = values.get("changes_since"), values.get("changes_before")
    if since and before and since > before:
        raise errors.Invalid(
            "The value of changes-since must be less than or equal to changes-before."
        )


def _add_tags(given: dict[str, list[str]], values: dict[str, Any]) -> None:
    for name, field in (
        ("tags", "tags_all"),
        ("tags-any", "tags_any"),
        ("not-tags", "not_tags_all"),
        ("not-tags-any", "not_tags_any"),
    ):
        if name in given:
            values[field] = [tag for word in given[name] for tag in word.split(",") if tag]


def _sort(request: Request) -> list[tuple[str, str]]:
    sort = pages.sort(request, [("created_at", "desc")])
    for key, _ in sort:
        if key in SORT_FOR_ADMINS and not request.context.is_admin:
            raise errors.Forbidden(f"Only administrators can sort servers by {key}")
    fields = [(SORT_FIELDS.get(key, key), way) for key, way in sort]
    directions = request.query.get("sort_dir")
    last = directions[0].lower() if directions else "desc"
    known = {field for field, _ in fields}
    return fields + [(key, last) for key in _TIE_BREAKERS if key not in known]
