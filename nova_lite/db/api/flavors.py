# SPDX-License-Identifier: Apache-2.0
"""Flavors with their extra specs and the projects that may use the private ones.

`project_id` None in what reads means: no restriction (administrators).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from nova_lite.base import clock
from nova_lite.db import errors as db_errors
from nova_lite.db.api.models import flavor_extra_specs, flavor_projects, flavors
from nova_lite.db.columns import insert_if_absent
from nova_lite.db.engine import Tx
from nova_lite.domain import errors
from nova_lite.domain.flavor import Flavor, FlavorAccess, FlavorQuery

_F = flavors.c
_X = flavor_extra_specs.c
_P = flavor_projects.c

# field of Flavor -> column
_COLUMNS: Final = {
    "id": _F.id,
    "flavorid": _F.flavorid,
    "name": _F.name,
    "vcpus": _F.vcpus,
    "memory_mb": _F.memory_mb,
    "root_gb": _F.root_gb,
    "ephemeral_gb": _F.ephemeral_gb,
    "swap_mb": _F.swap,
    "rxtx_factor": _F.rxtx_factor,
    "is_public": _F.is_public,
    "disabled": _F.disabled,
    "description": _F.description,
    "created_at": _F.created_at,
    "updated_at": _F.updated_at,
}
_FIELDS: Final = [column.label(field) for field, column in _COLUMNS.items()]
SORT_KEYS: Final = {**_COLUMNS, "swap": _F.swap}
_STORED: Final = {k: c.name for k, c in _COLUMNS.items() if k not in ("id", "updated_at")}

_WITH_SPECS = sa.select(*_FIELDS, _X.key, _X.value).select_from(
    flavors.outerjoin(flavor_extra_specs, _X.flavor_id == _F.id)
)
_GET = _WITH_SPECS.where(_F.flavorid == sa.bindparam("flavorid"))


def _visible(project_id: str) -> sa.ColumnElement[bool]:
    """Public, or the project has access."""
    granted = sa.select(_P.flavor_id).where(_P.project_id == project_id)
    return sa.or_(_F.is_public.is_(True), _F.id.in_(granted))


def get(tx: Tx, flavorid: str, project_id: str | None = None) -> Flavor:
    """Raises FlavorNotFound, also when the project may not see it."""
    statement = _GET if project_id is None else _GET.where(_visible(project_id))
    found = _flavors(tx.execute(statement, {"flavorid": flavorid}).mappings())
    if not found:
        raise errors.FlavorNotFound(flavor_id=flavorid)
    return found[0]


def list_flavors(tx: Tx, query: FlavorQuery, project_id: str | None = None) -> list[Flavor]:
    """A page. Raises Invalid for an unknown sort key, MarkerNotFound."""
    ids = _page_of_ids(tx, query, project_id)
    found: dict[int, Flavor] = {}
    for start in range(0, len(ids), 500):
        part = _WITH_SPECS.where(_F.id.in_(ids[start : start + 500]))
        found.update((f.id, f) for f in _flavors(tx.execute(part).mappings()))
    return [found[number] for number in ids if number in found]


def _page_of_ids(tx: Tx, query: FlavorQuery, project_id: str | None) -> list[int]:
    """Flavors are few, so the marker is looked for in the sorted list of their ids."""
    key = SORT_KEYS.get(query.sort_key)
    if key is None:
        raise errors.Invalid(f"Invalid sort key: {query.sort_key}")
    down = query.sort_dir == "desc"
    by = [key.is_not(None), key, _F.id]
    statement = sa.select(_F.id, _F.flavorid).where(*_conditions(query, project_id))
    statement = statement.order_by(*(sa.desc(c) if down else sa.asc(c) for c in by))
    rows: Sequence[Any] = tx.execute(statement).all()
    if query.marker is not None:
        places = [place for place, row in enumerate(rows) if row.flavorid == query.marker]
        if not places:
            raise errors.MarkerNotFound(marker=query.marker)
        rows = rows[places[0] + 1 :]
    return [row.id for row in rows[: query.limit]]


def _conditions(query: FlavorQuery, project_id: str | None) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if query.is_public is True:
        found.append(_F.is_public.is_(True) if project_id is None else _visible(project_id))
    elif query.is_public is False:
        found.append(_F.is_public.is_(False))
    if query.min_ram is not None:
        found.append(_F.memory_mb >= query.min_ram)
    if query.min_disk is not None:
        found.append(_F.root_gb >= query.min_disk)
    if query.name is not None:
        found.append(_F.name == query.name)
    return found


def _flavors(rows: Iterable[Mapping[Any, Any]]) -> list[Flavor]:
    """One flavor for each id, its extra specs gathered from its rows."""
    values: dict[int, dict[str, Any]] = {}
    for row in rows:
        flavor = values.get(row["id"])
        if flavor is None:
            flavor = values[row["id"]] = {field: row[field] for field in _COLUMNS}
            flavor["extra_specs"] = {}
        if row["key"] is not None:
            flavor["extra_specs"][row["key"]] = row["value"]
    return [Flavor(**flavor) for flavor in values.values()]


def create(tx: Tx, flavor: Flavor, projects: Iterable[str] = ()) -> int:
    """The id of the new row. Raises FlavorIdExists, FlavorExists."""
    same_id = sa.select(_F.id).where(_F.flavorid == flavor.flavorid)
    if tx.scalar(same_id) is not None:
        raise errors.FlavorIdExists(flavor_id=flavor.flavorid)
    if tx.scalar(sa.select(_F.id).where(_F.name == flavor.name)) is not None:
        raise errors.FlavorExists(name=flavor.name)
    values = {column: getattr(flavor, field) for field, column in _STORED.items()}
    values["created_at"] = flavor.created_at or clock.now()
    try:
        key = tx.execute(flavors.insert(), values).inserted_primary_key
    except db_errors.Duplicate as error:
        raise errors.FlavorExists(name=flavor.name) from error
    assert key is not None  # noqa: S101 - an insert of one row
    number = int(key[0])
    _insert_specs(tx, number, flavor.extra_specs)
    for project in projects:
        grant(tx, msgspec.structs.replace(flavor, id=number), project)
    return number


def _insert_specs(tx: Tx, number: int, specs: Mapping[str, str]) -> None:
    now = clock.now()
    rows = [
        {"flavor_id": number, "key": key, "value": value, "created_at": now}
        for key, value in specs.items()
    ]
    if rows:
        tx.execute(flavor_extra_specs.insert(), rows)


def update(tx: Tx, flavorid: str, description: str | None) -> None:
    """Raises FlavorNotFound."""
    statement = flavors.update().where(_F.flavorid == flavorid)
    values = {"description": description, "updated_at": clock.now()}
    if tx.execute(statement.values(**values)).rowcount != 1:
        raise errors.FlavorNotFound(flavor_id=flavorid)


def delete(tx: Tx, flavorid: str) -> None:
    """With its extra specs and grants. Raises FlavorNotFound."""
    if tx.execute(flavors.delete().where(_F.flavorid == flavorid)).rowcount != 1:
        raise errors.FlavorNotFound(flavor_id=flavorid)


# --- extra specs ----------------------------------------------------------------------------


def set_extra_specs(tx: Tx, flavor: Flavor, specs: Mapping[str, str]) -> None:
    """Add or replace these keys."""
    now = clock.now()
    new: dict[str, str] = {}
    for key, value in specs.items():
        same = flavor_extra_specs.update().where(_X.flavor_id == flavor.id, _X.key == key)
        if tx.execute(same.values(value=value, updated_at=now)).rowcount == 0:
            new[key] = value
    try:
        _insert_specs(tx, flavor.id, new)
    except db_errors.Duplicate as error:
        raise errors.Conflict(
            f"Concurrent update of the extra specs of flavor {flavor.flavorid}."
        ) from error


def delete_extra_spec(tx: Tx, flavor: Flavor, key: str) -> None:
    """Raises FlavorExtraSpecNotFound."""
    statement = flavor_extra_specs.delete().where(_X.flavor_id == flavor.id, _X.key == key)
    if tx.execute(statement).rowcount != 1:
        raise errors.FlavorExtraSpecNotFound(flavor_id=flavor.flavorid, key=key)


# --- access ---------------------------------------------------------------------------------


def list_access(tx: Tx, flavor: Flavor) -> list[FlavorAccess]:
    statement = sa.select(_P.project_id).where(_P.flavor_id == flavor.id).order_by(_P.id)
    rows = tx.execute(statement).all()
    return [FlavorAccess(flavorid=flavor.flavorid, project_id=row.project_id) for row in rows]


def grant(tx: Tx, flavor: Flavor, project_id: str) -> None:
    """Raises FlavorAccessExists."""
    row = {"flavor_id": flavor.id, "project_id": project_id, "created_at": clock.now()}
    if not insert_if_absent(tx, flavor_projects, row):
        raise errors.FlavorAccessExists(flavor_id=flavor.flavorid, project_id=project_id)


def revoke(tx: Tx, flavor: Flavor, project_id: str) -> None:
    """Raises FlavorAccessNotFound."""
    statement = flavor_projects.delete().where(
        _P.flavor_id == flavor.id, _P.project_id == project_id
    )
    if tx.execute(statement).rowcount != 1:
        raise errors.FlavorAccessNotFound(flavor_id=flavor.flavorid, project_id=project_id)
