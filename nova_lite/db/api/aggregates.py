# SPDX-License-Identifier: Apache-2.0
"""Host aggregates: what there is, and what hosts have by them."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from nova_lite.base import clock
from nova_lite.db import errors as db_errors
from nova_lite.db.api.models import aggregate_hosts, aggregate_metadata, aggregates
from nova_lite.db.engine import Tx
from nova_lite.domain import errors
from nova_lite.domain.aggregate import ZONE_KEY, Aggregate

_H = aggregate_hosts.c
_D = aggregate_metadata.c
_ALL = (
    sa.select(_H.host, _H.aggregate_id, _D.key, _D.value)
    .select_from(aggregate_hosts.outerjoin(aggregate_metadata, _D.aggregate_id == _H.aggregate_id))
    .order_by(_H.aggregate_id)
)


def of_hosts(tx: Tx, hosts: Sequence[str] | None = None) -> dict[str, list[dict[str, str]]]:
    """host -> the metadata of each aggregate it is in. `hosts` None = of all.

    Hosts that are in none are left out."""
    statement = _ALL
    if hosts is not None and len(hosts) <= 500:
        statement = statement.where(_H.host.in_(hosts))
    found: dict[str, dict[int, dict[str, str]]] = {}
    for host, number, key, value in tx.execute(statement):
        metadata = found.setdefault(host, {}).setdefault(number, {})
        if key is not None:
            metadata[key] = value
    return {host: list(by_number.values()) for host, by_number in found.items()}


def zone(metadata: Sequence[Mapping[str, str]], default: str) -> str:
    """The availability zone that a host has by its aggregates."""
    for aggregate in metadata:
        if aggregate.get(ZONE_KEY):
            return aggregate[ZONE_KEY]
    return default


def zones(tx: Tx, hosts: Sequence[str] | None = None) -> dict[str, str]:
    """host -> zone, for the hosts that are in one."""
    found = {host: zone(metadata, "") for host, metadata in of_hosts(tx, hosts).items()}
    return {host: name for host, name in found.items() if name}


def remove_host(tx: Tx, host: str) -> int:
    """Out of all aggregates; returns of how many."""
    return tx.execute(aggregate_hosts.delete().where(_H.host == host)).rowcount


def list_aggregates(tx: Tx) -> list[Aggregate]:
    """All of them with hosts and metadata, by id."""
    hosts: dict[int, list[str]] = {}
    for number, host in tx.execute(
        sa.select(_H.aggregate_id, _H.host).order_by(_H.aggregate_id, _H.host)
    ):
        hosts.setdefault(number, []).append(host)
    described: dict[int, dict[str, str]] = {}
    for number, key, value in tx.execute(sa.select(_D.aggregate_id, _D.key, _D.value)):
        described.setdefault(number, {})[key] = value
    return [
        Aggregate(
            id=row.id,
            uuid=row.uuid,
            name=row.name,
            hosts=hosts.get(row.id, []),
            metadata=described.get(row.id, {}),
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
        for row in tx.execute(sa.select(aggregates).order_by(aggregates.c.id))
    ]


def lock(tx: Tx) -> None:
    """Only one at a time changes aggregates: what a host may be in depends on all of them."""
    tx.execute(sa.select(aggregates.c.id).with_for_update()).all()


def create(tx: Tx, made: Aggregate) -> int:
    """Returns the id; hosts and `id` of `made` are not looked at. Raises AggregateExists."""
    if _named(tx, made.name) is not None:
        raise errors.AggregateExists(name=made.name)
    row = {"uuid": made.uuid, "name": made.name, "created_at": clock.now()}
    try:
        key: Any = tx.execute(aggregates.insert(), row).inserted_primary_key
    except db_errors.Duplicate as error:
        raise errors.AggregateExists(name=made.name) from error
    number = int(key[0])
    _describe(tx, number, {}, made.metadata)
    return number


def update(tx: Tx, old: Aggregate, new: Aggregate) -> None:
    """Write what is different. Raises AggregateExists."""
    if new.name != old.name and _named(tx, new.name) not in (None, old.id):
        raise errors.AggregateExists(name=new.name)
    values = {"name": new.name, "updated_at": clock.now()}
    try:
        tx.execute(aggregates.update().where(aggregates.c.id == old.id).values(values))
    except db_errors.Duplicate as error:
        raise errors.AggregateExists(name=new.name) from error
    _describe(tx, old.id, old.metadata, new.metadata)
    gone, come = set(old.hosts) - set(new.hosts), set(new.hosts) - set(old.hosts)
    for host in gone:
        of_host = (_H.aggregate_id == old.id) & (_H.host == host)
        tx.execute(aggregate_hosts.delete().where(of_host))
    for host in come:
        row = {"aggregate_id": old.id, "host": host, "created_at": clock.now()}
        tx.execute(aggregate_hosts.insert().values(row))


def delete(tx: Tx, number: int) -> None:
    tx.execute(aggregate_metadata.delete().where(_D.aggregate_id == number))
    tx.execute(aggregates.delete().where(aggregates.c.id == number))


def _named(tx: Tx, name: str) -> int | None:
    found = tx.execute(sa.select(aggregates.c.id).where(aggregates.c.name == name)).scalar()
    return None if found is None else int(found)


def _describe(tx: Tx, number: int, old: Mapping[str, str], new: Mapping[str, str]) -> None:
    changed = {key for key in {*old, *new} if old.get(key) != new.get(key)}
    for key in changed:
        tx.execute(aggregate_metadata.delete().where((_D.aggregate_id == number) & (_D.key == key)))
        if key in new:
            row = {"aggregate_id": number, "key": key, "value": new[key]}
            tx.execute(aggregate_metadata.insert().values({**row, "created_at": clock.now()}))
