# SPDX-License-Identifier: Apache-2.0
"""Host aggregates: groups of hosts that operators name and describe."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from nova_lite.domain import errors

ZONE_KEY: Final = "availability_zone"


class Aggregate(msgspec.Struct, frozen=True, kw_only=True):
    """`availability_zone` stands among the metadata too, under that name."""

    id: int
    uuid: str
    name: str
    hosts: list[str] = []
    metadata: dict[str, str] = {}
    created_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None

    @property
    def availability_zone(self) -> str | None:
        return self.metadata.get(ZONE_KEY)


def find(aggregates: Iterable[Aggregate], number: int) -> Aggregate:
    """The one with this id. Raises AggregateNotFound."""
    for aggregate in aggregates:
        if aggregate.id == number:
            return aggregate
    raise errors.AggregateNotFound(aggregate_id=number)


def zones(aggregates: Iterable[Aggregate]) -> dict[str, set[str]]:
    """host -> the availability zones that it would be in; more than one must not be."""
    found: dict[str, set[str]] = {}
    for aggregate in aggregates:
        for host in aggregate.hosts:
            names = found.setdefault(host, set())
            if aggregate.availability_zone:
                names.add(aggregate.availability_zone)
    return found


def with_metadata(aggregate: Aggregate, changes: Mapping[str, str | None]) -> Aggregate:
    """After changes of its metadata; None takes a key away."""
    metadata = {**aggregate.metadata, **changes}
    kept = {key: value for key, value in metadata.items() if value is not None}
    return msgspec.structs.replace(aggregate, metadata=kept)
