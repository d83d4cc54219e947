# SPDX-License-Identifier: Apache-2.0
"""Allocations: who has taken what of which node. All or nothing, never more than there is.

Claims and releases of one node wait for each other at its provider row, which is written before
its inventories. A claim writes it before its allocations, too: a new row that refers to it would
lock it for reading first, and two claims that both did so could not go on.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from nova_lite.base import clock
from nova_lite.db.api.models import allocations, inventories, resource_providers
from nova_lite.db.columns import Moment, server_microseconds
from nova_lite.db.engine import Tx
from nova_lite.domain import errors

_A = allocations.c
_I = inventories.c
_P = resource_providers.c


class Allocation(msgspec.Struct, frozen=True, kw_only=True):
    """What one consumer (a server, or a migration) has of one node."""

    consumer_uuid: str
    node_uuid: str
    host: str
    resources: dict[str, int]


# --- claiming -------------------------------------------------------------------------------


def claim(tx: Tx, consumer_uuid: str, node_uuid: str, resources: Mapping[str, int]) -> None:
    """Take `resources` (class -> amount) of a node for a consumer.

    Once more with the same values does nothing. Raises ClaimRefused when it does not fit or the
    node is gone, Conflict when the consumer holds something else; the transaction has to be
    rolled back then."""
    wanted = {name: amount for name, amount in sorted(resources.items()) if amount > 0}
    rooms = tx.execute(_ROOMS, {"uuid": node_uuid}).all()
    if not rooms:
        raise _refused(node_uuid, "node", 1, 0)
    if not wanted:
        return
    provider = rooms[0].id
    tx.execute(_TOUCH[tx.dialect], {"provider": provider, "change": 1})
    if not _insert(tx, consumer_uuid, provider, wanted):
        _check_same(tx, consumer_uuid, node_uuid, wanted)
        tx.execute(_TOUCH[tx.dialect], {"provider": provider, "change": -1})
        return
    # A look before, for a good reason; what decides is the UPDATE.
    _check_room(rooms, wanted)
    if tx.execute(_taking(len(wanted)), _parameters(provider, wanted)).rowcount != len(wanted):
        _check_room(tx.execute(_ROOMS, {"uuid": node_uuid}).all(), wanted)
        raise _refused(rooms[0].host, next(iter(wanted)), next(iter(wanted.values())), 0)


_ROOMS: Final = (
    sa.select(
        *(_P.id, _P.host, _I.resource_class, _I.capacity, _I.used),
        *(_I.min_unit, _I.max_unit, _I.step_size),
    )
    .select_from(resource_providers.outerjoin(inventories, _I.provider_id == _P.id))
    .where(_P.uuid == sa.bindparam("uuid"), _P.removed.is_(False))
)


def _check_room(rooms: Sequence[Any], wanted: Mapping[str, int]) -> None:
    """Raises ClaimRefused for the first class that does not fit."""
    by_class = {row.resource_class: row for row in rooms}
    host = rooms[0].host if rooms else "a removed host"
    for name, amount in wanted.items():
        row = by_class.get(name)
        if row is None:
            raise _refused(host, name, amount, 0)
        free = max(row.capacity - row.used, 0)
        unit = row.min_unit <= amount <= row.max_unit and amount % row.step_size == 0
        if amount > free or not unit:
            raise _refused(host, name, amount, free)


def _refused(host: str, name: str, requested: int, free: int) -> errors.ClaimRefused:
    return errors.ClaimRefused(host=host, resource=name, requested=requested, free=free)


_IF_ABSENT: Final = {
    "sqlite": ("INSERT OR IGNORE", ""),
    "mysql": ("INSERT IGNORE", ""),
    "postgresql": ("INSERT", "ON CONFLICT DO NOTHING"),
}


@cache
def _inserting(dialect: str, count: int) -> sa.TextClause:
    """All rows of a claim in one statement. As text, because SQLAlchemy compiles an INSERT of
    many rows anew each time."""
    insert, otherwise = _IF_ABSENT[dialect]
    columns = "consumer_uuid, resource_class, provider_id, used, created_at"
    rows = ", ".join(f"(:consumer, :class_{n}, :provider, :amount_{n}, :now)" for n in range(count))
    words = f"{insert} INTO allocations ({columns}) VALUES {rows} {otherwise}"
    return sa.text(words).bindparams(sa.bindparam("now", type_=Moment()))


_TOUCH: Final = {
    dialect: resource_providers.update()
    .where(_P.id == sa.bindparam("provider"))
    .values(
        generation=server_microseconds(dialect),
        instances=_P.instances + sa.bindparam("change", type_=sa.Integer),
    )
    for dialect in _IF_ABSENT
}


def _insert(tx: Tx, consumer: str, provider: int, wanted: Mapping[str, int]) -> bool:
    """False when the consumer has allocations already."""
    values = {**_parameters(provider, wanted), "consumer": consumer, "now": clock.now()}
    inserted = tx.execute(_inserting(tx.dialect, len(wanted)), values).rowcount
    if inserted not in (0, len(wanted)):
        raise errors.Conflict(f"{consumer} holds a part of what it claims")
    return bool(inserted)


def _amounts(count: int) -> sa.ColumnElement[int]:
    """CASE resource_class WHEN :class_0 THEN :amount_0 ..."""
    whens = [
        (
            _I.resource_class == sa.bindparam(f"class_{n}", type_=sa.String),
            sa.bindparam(f"amount_{n}", type_=sa.BigInteger),
        )
        for n in range(count)
    ]
    return sa.case(*whens, else_=0)


def _parameters(provider: int, wanted: Mapping[str, int]) -> dict[str, Any]:
    values: dict[str, Any] = {"provider": provider}
    for n, (name, amount) in enumerate(wanted.items()):
        values[f"class_{n}"] = name
        values[f"amount_{n}"] = amount
    return values


def _of_classes(count: int) -> sa.Update:
    names = [sa.bindparam(f"class_{n}", type_=sa.String) for n in range(count)]
    return inventories.update().where(
        _I.provider_id == sa.bindparam("provider"), _I.resource_class.in_(names)
    )


@cache
def _taking(count: int) -> sa.Update:
    """One UPDATE for all classes: those that do not fit are not counted."""
    amount = _amounts(count)
    return (
        _of_classes(count)
        .where(_I.used + amount <= _I.capacity)
        .where(amount >= _I.min_unit, amount <= _I.max_unit)
        .where(amount % _I.step_size == 0)
        .values(used=_I.used + amount)
    )


@cache
def _giving(count: int) -> sa.Update:
    amount = _amounts(count)
    return _of_classes(count).values(used=sa.case((_I.used > amount, _I.used - amount), else_=0))


def _check_same(tx: Tx, consumer: str, node_uuid: str, wanted: Mapping[str, int]) -> None:
    has = get(tx, consumer)
    if has is None or has.node_uuid != node_uuid or has.resources != dict(wanted):
        raise errors.Conflict(f"{consumer} holds another allocation: {has}")


# --- releasing and reading ------------------------------------------------------------------


def release(tx: Tx, consumer_uuid: str) -> bool:
    """Give back all that a consumer has; False when it has nothing."""
    rows = tx.execute(_OF_CONSUMER, {"consumer": consumer_uuid}).all()
    if not rows:
        return False
    if tx.execute(_DELETE, {"consumer": consumer_uuid}).rowcount != len(rows):
        # Another one is giving back the same, and was first.
        return False
    by_provider: dict[int, dict[str, int]] = {}
    for row in sorted(rows, key=lambda row: (row.provider_id, row.resource_class)):
        by_provider.setdefault(row.provider_id, {})[row.resource_class] = row.used
    for provider, amounts in by_provider.items():
        tx.execute(_TOUCH[tx.dialect], {"provider": provider, "change": -1})
        tx.execute(_giving(len(amounts)), _parameters(provider, amounts))
    return True


_DELETE: Final = allocations.delete().where(_A.consumer_uuid == sa.bindparam("consumer"))
_OF_CONSUMER: Final = (
    sa.select(_A.consumer_uuid, _A.provider_id, _A.resource_class, _A.used, _P.uuid, _P.host)
    .join(resource_providers, _P.id == _A.provider_id)
    .where(_A.consumer_uuid == sa.bindparam("consumer"))
)


def get(tx: Tx, consumer_uuid: str) -> Allocation | None:
    """What a consumer has."""
    found = _gather(tx.execute(_OF_CONSUMER, {"consumer": consumer_uuid}).all())
    return found[0] if found else None


def of_nodes(tx: Tx, nodes: Sequence[str] | None = None) -> list[Allocation]:
    """All allocations, or those of some nodes; for audits."""
    statement = sa.select(
        _A.consumer_uuid, _A.provider_id, _A.resource_class, _A.used, _P.uuid, _P.host
    ).join(resource_providers, _P.id == _A.provider_id)
    if nodes is not None:
        statement = statement.where(_P.uuid.in_(list(nodes)))
    return _gather(tx.execute(statement.order_by(_A.consumer_uuid)).all())


def _gather(rows: Sequence[Any]) -> list[Allocation]:
    found: dict[str, Allocation] = {}
    for row in rows:
        allocation = found.setdefault(
            row.consumer_uuid,
            Allocation(
                consumer_uuid=row.consumer_uuid, node_uuid=row.uuid, host=row.host, resources={}
            ),
        )
        allocation.resources[row.resource_class] = row.used
    return list(found.values())


# --- auditing -------------------------------------------------------------------------------


class Miscount(msgspec.Struct, frozen=True, kw_only=True):
    """A node whose sums are not what its allocations say. Keys: resource classes, and
    "instances"; values: (what is written, what the allocations say)."""

    node_uuid: str
    host: str
    differences: dict[str, tuple[int, int]]


def miscounts(tx: Tx) -> list[Miscount]:
    """Compare the sums of every node with its allocations. Exact when nothing is being claimed."""
    nodes = {row.id: row for row in tx.execute(sa.select(_P.id, _P.uuid, _P.host, _P.instances))}
    written: dict[int, dict[str, int]] = {n: {"instances": r.instances} for n, r in nodes.items()}
    for row in tx.execute(sa.select(_I.provider_id, _I.resource_class, _I.used)):
        written[row.provider_id][row.resource_class] = row.used
    counted: dict[int, dict[str, int]] = {number: {} for number in nodes}
    sums = sa.select(_A.provider_id, _A.resource_class, sa.func.sum(_A.used).label("used"))
    for row in tx.execute(sums.group_by(_A.provider_id, _A.resource_class)):
        counted[row.provider_id][row.resource_class] = int(row.used)
    heads = sa.select(_A.provider_id, sa.func.count(_A.consumer_uuid.distinct()).label("heads"))
    for row in tx.execute(heads.group_by(_A.provider_id)):
        counted[row.provider_id]["instances"] = int(row.heads)
    found = []
    for number, node in nodes.items():
        names = sorted({*written[number], *counted[number]})
        pairs = {n: (written[number].get(n, 0), counted[number].get(n, 0)) for n in names}
        differences = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
        if differences:
            found.append(Miscount(node_uuid=node.uuid, host=node.host, differences=differences))
    return found


def repair(tx: Tx, node_uuid: str) -> None:
    """Write the sums of a node anew from its allocations; claims on it wait meanwhile."""
    number = tx.scalar(sa.select(_P.id).where(_P.uuid == node_uuid))
    if number is None:
        return
    tx.execute(_TOUCH[tx.dialect], {"provider": number, "change": 0})
    heads = sa.select(sa.func.count(_A.consumer_uuid.distinct())).where(_A.provider_id == number)
    node = resource_providers.update().where(_P.id == number)
    tx.execute(node.values(instances=int(tx.scalar(heads))))
    sums = sa.select(_A.resource_class, sa.func.sum(_A.used)).where(_A.provider_id == number)
    counted = {name: int(used) for name, used in tx.execute(sums.group_by(_A.resource_class))}
    for row in tx.execute(sa.select(_I.resource_class).where(_I.provider_id == number)).all():
        same = inventories.update().where(
            _I.provider_id == number, _I.resource_class == row.resource_class
        )
        tx.execute(same.values(used=counted.get(row.resource_class, 0)))
