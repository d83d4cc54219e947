# SPDX-License-Identifier: Apache-2.0
"""Lists of the resources of the built-in network: filters, order, pages."""

from collections.abc import Sequence
from typing import Any, Final

from nova_lite.conductor.network.change import Change
from nova_lite.db.api import network_rows
from nova_lite.domain.errors_network import NetworkInvalid, NetworkMarkerNotFound
from nova_lite.domain.network import Port
from nova_lite.domain.network_query import STRUCTS, NetworkKind, NetworkQuery, Resource

# Filters that the database answers: (kind, field) -> column.
_COLUMNS: Final[dict[tuple[NetworkKind, str], str]] = {
    **{(kind, "id"): "uuid" for kind in NetworkKind},
    **{(kind, "project_id"): "project_id" for kind in NetworkKind},
    (NetworkKind.SUBNET, "network_id"): "network_id",
    (NetworkKind.PORT, "network_id"): "network_id",
    (NetworkKind.PORT, "device_id"): "device_id",
    (NetworkKind.PORT, "mac"): "mac",
    (NetworkKind.FLOATING_IP, "network_id"): "network_id",
    (NetworkKind.FLOATING_IP, "port_id"): "port_id",
    (NetworkKind.SECURITY_GROUP_RULE, "group_id"): "group_id",
}
_OF_ADDRESSES: Final = frozenset({"address", "subnet_id"})


def page(change: Change, query: NetworkQuery) -> list[Any]:
    """What the one who asks sees of it. Raises NetworkInvalid, NetworkMarkerNotFound."""
    kind = STRUCTS[query.kind]
    columns: dict[str, Any] = {}
    rest: dict[str, list[str]] = {}
    for name, values in query.filters.items():
        column = _COLUMNS.get((query.kind, name))
        if column is not None and "" not in values and columns.get(column) is None:
            columns[column] = values
        else:
            rest[name] = values
    found: list[Any] = network_rows.find(change.tx, kind, *change.sight(kind), **columns)
    for name, values in rest.items():
        found = [each for each in found if _matches(each, name, values)]
    for name, descending in reversed(query.sort):
        _check(kind, name)
        found = _sorted(found, name, descending)
    return _cut(found, query)


def _check(kind: type[Resource], name: str) -> None:
    if name not in kind.__struct_fields__:
        raise NetworkInvalid(f"{kind.__name__} has no attribute {name}.")


def _matches(each: Any, name: str, wanted: Sequence[str]) -> bool:
    if isinstance(each, Port) and name in _OF_ADDRESSES:
        return any(getattr(address, name) in wanted for address in each.addresses)
    _check(type(each), name)
    value = getattr(each, name)
    if isinstance(value, list):
        return any(str(item) in wanted for item in value)
    return _word(value) in wanted


def _word(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _sorted(found: list[Any], name: str, descending: bool) -> list[Any]:
    return sorted(found, key=lambda each: _order(getattr(each, name)), reverse=descending)


def _order(value: Any) -> tuple[bool, Any]:
    """None comes first; what has no order of its own goes by its text."""
    plain = isinstance(value, str | int | float)
    return value is not None, value if plain else str(value or "")


def _cut(found: list[Any], query: NetworkQuery) -> list[Any]:
    if query.marker is not None:
        at = next((at for at, each in enumerate(found) if each.id == query.marker), None)
        if at is None:
            raise NetworkMarkerNotFound(query.marker)
        found = found[at + 1 :]
    return found if query.limit is None else found[: query.limit]
