# SPDX-License-Identifier: Apache-2.0
"""Host aggregates: groups of hosts that operators name and describe."""

import datetime as dt

import msgspec


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
        return self.metadata.get("availability_zone")
