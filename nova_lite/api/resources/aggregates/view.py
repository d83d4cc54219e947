# SPDX-License-Identifier: Apache-2.0
"""Host aggregates as the newest microversion shows them."""

from typing import Any

from nova_lite.api.request import Request
from nova_lite.api.times import plain
from nova_lite.api.view import Collection, Item, Make, closed
from nova_lite.domain.aggregate import Aggregate

_TEXT = {"type": "string"}
_TEXT_OR_NULL = {"type": ["string", "null"]}
SCHEMA = closed(
    {
        "id": {"type": "integer"},
        "uuid": {"type": "string", "format": "uuid"},
        "name": _TEXT,
        "availability_zone": _TEXT_OR_NULL,
        "hosts": {"type": "array", "items": _TEXT},
        "metadata": {"type": "object", "additionalProperties": _TEXT},
        "created_at": _TEXT_OR_NULL,
        "updated_at": _TEXT_OR_NULL,
        "deleted": {"type": "boolean"},
        "deleted_at": {"type": "null"},
    }
)


def _build(request: Request) -> Make:
    def make(aggregate: Aggregate) -> dict[str, Any]:
        return {
            "id": aggregate.id,
            "uuid": aggregate.uuid,
            "name": aggregate.name,
            "availability_zone": aggregate.availability_zone,
            "hosts": aggregate.hosts,
            "metadata": aggregate.metadata,
            "created_at": plain(aggregate.created_at),
            "updated_at": plain(aggregate.updated_at),
            "deleted": False,
            "deleted_at": None,
        }

    return make


AGGREGATES = Collection(key="aggregates", shape="aggregate", build=_build, of=SCHEMA)
# A new one is shown without what it cannot have yet.
CREATED_SCHEMA = closed(
    {name: of for name, of in SCHEMA["properties"].items() if name not in ("hosts", "metadata")}
)


def _created(request: Request) -> Make:
    make = _build(request)

    def without(aggregate: Aggregate) -> dict[str, Any]:
        item = make(aggregate)
        del item["hosts"], item["metadata"]
        return item

    return without


CREATED = Item(key="aggregate", shape="aggregate", build=_created, of=CREATED_SCHEMA)
AGGREGATE = Item(key="aggregate", shape="aggregate", build=_build, of=SCHEMA)
