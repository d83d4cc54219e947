# SPDX-License-Identifier: Apache-2.0
"""From an InstanceQuery to rows: filters, patterns, order, pages that begin behind a marker.

The order is that of the database's index where it can be. NULL comes before every value, on all
three databases.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from nova_lite.db.cell.instances import READ, Row, one_of
from nova_lite.db.cell.models import instances, tags
from nova_lite.db.engine import Tx
from nova_lite.domain import errors
from nova_lite.domain.instance import InstanceQuery
from nova_lite.domain.states import VmState

c = instances.c
BATCH: Final = 500  # rows read at a time where Python has to look at each
SCANNED: Final = 50_000  # rows looked at for one page, at most
LONGEST_PATTERN: Final = 255

# What can be filtered and sorted by: names of the API and of the fields -> columns.
COLUMNS: Final[Mapping[str, sa.Column[Any]]] = {
    **{
        name: c[name]
        for name in (
            *("id", "uuid", "project_id", "user_id", "display_name", "description", "hostname"),
            *("vm_state", "task_state", "power_state", "host", "node", "availability_zone"),
            *("image_ref", "kernel_id", "ramdisk_id", "key_name", "config_drive"),
            *("auto_disk_config", "launch_index", "reservation_id", "locked_by", "flavorid"),
            *("access_ip_v4", "access_ip_v6", "progress", "root_device_name", "launched_at"),
            *("terminated_at", "created_at", "updated_at", "deleted_at", "instance_type_id"),
        )
    },
    "name": c.display_name,
    "display_description": c.description,
    "tenant_id": c.project_id,
    "image": c.image_ref,
    "flavor": c.flavorid,
    "locked": c.locked_by,
}
_ADDRESSES: Final = {"ip": 4, "ip6": 6}
_TRUE: Final = frozenset({"1", "t", "true", "y", "yes", "on"})
_PLAIN_TEXT: Final = re.compile(r"[\w @:/,-]*")
# A quantifier on a group that holds a quantifier: what backtracking drowns in.
_EXPLOSIVE: Final = re.compile(r"\([^)]*[*+{][^)]*\)[*+{]")


_READ_NAMES: Final = frozenset(READ.selected_columns.keys())


def page(tx: Tx, query: InstanceQuery, marker: Sequence[Any] | None = None) -> list[Row]:
    """The rows of one page, as `instances.READ` has them, with what sorts them. `marker`: of
    `marker_values`."""
    more = [column for column, _ in _order(query) if column.name not in _READ_NAMES]
    return _page(tx, query, READ.add_columns(*more) if more else READ, marker)


def summaries(tx: Tx, query: InstanceQuery, marker: Sequence[Any] | None = None) -> list[Row]:
    """The rows of one page with uuid and display_name, and what sorts them."""
    wanted = {"uuid": c.uuid, "display_name": c.display_name}
    wanted |= {column.name: column for column, _ in _order(query)}
    if _by_address(query):
        wanted["vifs"] = c.vifs
    return _page(tx, query, sa.select(*wanted.values()), marker)


def marker_values(tx: Tx, query: InstanceQuery) -> list[Any]:
    """Where the page begins: the sort values of the marker, which may be deleted.

    Raises MarkerNotFound, also for a server of another project."""
    columns = (column for column, _ in _order(query))
    wanted = sa.select(*columns).where(c.uuid == query.marker)
    if query.project_id is not None:
        wanted = wanted.where(c.project_id == query.project_id)
    row = tx.execute(wanted).first()
    if row is None:
        raise errors.MarkerNotFound(marker=query.marker)
    return list(row)


def _page(
    tx: Tx, query: InstanceQuery, select: sa.Select[Any], marker: Sequence[Any] | None
) -> list[Row]:
    if query.limit <= 0 or (query.states is not None and not query.states):
        return []
    order = _order(query)
    statement = select.where(*conditions(query, tx.dialect))
    if marker is not None:
        statement = statement.where(_behind(order, marker))
    statement = statement.order_by(*_order_by(order))
    patterns = _by_address(query)
    if patterns:
        return _scan(tx, statement, query.limit, patterns)
    return list(tx.execute(statement.limit(query.limit)))


def _scan(
    tx: Tx, statement: sa.Select[Any], limit: int, patterns: Mapping[int, re.Pattern[str]]
) -> list[Row]:
    """Rows whose addresses match; what SQL cannot see is looked at here, within bounds."""
    found: list[Row] = []
    for offset in range(0, SCANNED, BATCH):
        rows = tx.execute(statement.limit(BATCH).offset(offset)).all()
        found += [row for row in rows if _addresses_match(row.vifs, patterns)]
        if len(found) >= limit or len(rows) < BATCH:
            break
    return found[:limit]


# --- filters ------------------------------------------------------------------------------------


def conditions(query: InstanceQuery, dialect: str) -> list[Any]:
    """The WHERE of a query, without the marker."""
    found = [] if query.project_id is None else [c.project_id == query.project_id]
    found += _deleted(query)
    if query.changes_since is not None:
        found.append(c.updated_at >= query.changes_since)
    if query.changes_before is not None:
        found.append(c.updated_at <= query.changes_before)
    found += [_equals(name, value) for name, value in query.filters.items()]
    if query.states is not None:
        pairs = [sa.and_(c.vm_state == str(vm), one_of(c.task_state, t)) for vm, t in query.states]
        found.append(sa.or_(*pairs))
    for name, pattern in query.matches.items():
        if name not in _ADDRESSES:
            found.append(matches(_column(name), pattern, dialect))
    return found + _tags(query)


def _deleted(query: InstanceQuery) -> list[Any]:
    soft = str(VmState.SOFT_DELETED)
    if query.deleted is None:
        return []
    if query.deleted:
        gone = c.deleted != 0
        return [sa.or_(gone, c.vm_state == soft) if query.soft_deleted else gone]
    live = [c.deleted == 0]
    asked = query.states is not None or "vm_state" in query.filters
    if not query.soft_deleted and not asked:
        live.append(c.vm_state != soft)
    return live


def _column(name: str) -> sa.Column[Any]:
    column = COLUMNS.get(name)
    if column is None:
        raise errors.Invalid(f"Servers cannot be filtered or sorted by {name}.")
    return column


def _equals(name: str, value: Any) -> Any:
    column = _column(name)
    if name == "locked":
        return column.is_not(None) if _is_true(value) else column.is_(None)
    values = value if isinstance(value, list | tuple) else [value]
    read = [_typed(column, one) for one in values]
    if any(one is _IMPOSSIBLE for one in read):
        read = [one for one in read if one is not _IMPOSSIBLE]
        if not read:
            return sa.false()
    plain = [one for one in read if one is not None]
    if len(plain) == len(read):
        return column == plain[0] if len(plain) == 1 else column.in_(plain)
    return sa.or_(column.is_(None), column.in_(plain)) if plain else column.is_(None)


_IMPOSSIBLE: Final = object()


def _typed(column: sa.Column[Any], value: Any) -> Any:
    """The value as the column has it; _IMPOSSIBLE when no row can have it."""
    if value is None:
        return None
    if isinstance(column.type, sa.Boolean):
        return _is_true(value)
    if isinstance(column.type, sa.Integer):
        try:
            return int(value)
        except (TypeError, ValueError):
            return _IMPOSSIBLE
    if column.name in _TIMES:
        return _moment(value)
    return str(value)


_TIMES: Final = ("launched_at", "terminated_at", "created_at", "updated_at", "deleted_at")


def _moment(value: Any) -> Any:
    try:
        read = value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(str(value))
    except ValueError:
        return _IMPOSSIBLE
    return read if read.tzinfo is not None else read.replace(tzinfo=dt.UTC)


def _is_true(value: Any) -> bool:
    return value if isinstance(value, bool) else str(value).strip().lower() in _TRUE


def _tags(query: InstanceQuery) -> list[Any]:
    def has(*words: str) -> Any:
        wanted = sa.select(tags.c.tag).where(tags.c.instance_uuid == c.uuid, tags.c.tag.in_(words))
        return sa.exists(wanted)

    found = [has(tag) for tag in query.tags_all]
    if query.tags_any:
        found.append(has(*query.tags_any))
    if query.not_tags_all:
        found.append(sa.not_(sa.and_(*(has(tag) for tag in query.not_tags_all))))
    if query.not_tags_any:
        found.append(sa.not_(has(*query.not_tags_any)))
    return found


# --- patterns -----------------------------------------------------------------------------------


def matches(column: Any, pattern: str, dialect: str) -> Any:
    """The column has something that the regular expression matches, whatever case. What is no
    good expression is looked for as it stands."""
    if _PLAIN_TEXT.fullmatch(pattern) or not _good(pattern):
        return column.icontains(pattern, autoescape=True)
    if dialect == "postgresql":
        return column.regexp_match(pattern, flags="i")
    return column.regexp_match(f"(?i){pattern}")


def _good(pattern: str) -> bool:
    if len(pattern) > LONGEST_PATTERN or _EXPLOSIVE.search(pattern):
        return False
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def _by_address(query: InstanceQuery) -> dict[int, re.Pattern[str]]:
    """IP version -> pattern."""
    found = {}
    for name, version in _ADDRESSES.items():
        pattern = query.matches.get(name)
        if pattern is not None:
            text = pattern if _good(pattern) else re.escape(pattern[:LONGEST_PATTERN])
            found[version] = re.compile(text, re.IGNORECASE)
    return found


class _Address(msgspec.Struct):
    address: str
    version: int = 4


class _Nic(msgspec.Struct):
    fixed_ips: list[_Address] = []


_nics = msgspec.json.Decoder(list[_Nic])


def _addresses_match(vifs: str, patterns: Mapping[int, re.Pattern[str]]) -> bool:
    """Each version that is asked for has an address that matches."""
    if vifs == "[]":
        return False
    found = [ip for nic in _nics.decode(vifs) for ip in nic.fixed_ips]
    return all(
        any(ip.version == version and pattern.search(ip.address) for ip in found)
        for version, pattern in patterns.items()
    )


# --- order and pages ----------------------------------------------------------------------------

Order = Sequence[tuple[sa.Column[Any], bool]]  # (column, descending)


def _order(query: InstanceQuery) -> Order:
    """The keys asked for, and the id at last, so that every two rows have an order."""
    found = [(_column(key), direction == "desc") for key, direction in query.sort]
    if not found:
        found = [(c.created_at, True), (c.id, True)]
    if not any(column.name in ("id", "uuid") for column, _ in found):
        found.append((c.id, found[-1][1]))
    return found


def _order_by(order: Order) -> list[Any]:
    found: list[Any] = []
    for column, descending in order:
        if column.nullable:
            first = sa.case((column.is_(None), 0), else_=1)
            found.append(first.desc() if descending else first.asc())
        found.append(column.desc() if descending else column.asc())
    return found


def _behind(order: Order, values: Sequence[Any]) -> Any:
    """Rows that come behind the one with these values."""
    (column, descending), value = order[0], values[0]
    if isinstance(value, bool):
        value = sa.literal(value, sa.Boolean)
    further = _further(column, descending, value)
    if len(order) == 1:
        return further
    same = column.is_(None) if value is None else column == value
    behind = sa.or_(further, sa.and_(same, _behind(order[1:], values[1:])))
    if value is None or column.nullable:
        return behind
    # The same once more in a form that an index can be used for.
    return sa.and_(column <= value if descending else column >= value, behind)


def _further(column: Any, descending: bool, value: Any) -> Any:
    if value is None:
        return sa.false() if descending else column.is_not(None)
    if not descending:
        return column > value
    return sa.or_(column < value, column.is_(None)) if column.nullable else column < value


# --- merging pages of several cells ---------------------------------------------------------------


def sort_key(query: InstanceQuery) -> list[tuple[str, bool]]:
    """(name of a column in the rows, descending), for who merges pages."""
    return [(column.name, descending) for column, descending in _order(query)]
