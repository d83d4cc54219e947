# SPDX-License-Identifier: Apache-2.0
"""Host aggregates, read side: rows in, values out."""

import uuid
from typing import Any

from nova_lite.base.clock import now
from nova_lite.conductor.handlers.aggregates import AggregateHandlers
from nova_lite.db.api.models import aggregate_hosts, aggregate_metadata, aggregates


def test_hosts_and_metadata_come_with_each(deps: Any, admin: Any) -> None:
    stamp = {"created_at": now()}
    with deps.databases.api() as tx:
        for name in ("one", "two"):
            tx.execute(aggregates.insert(), {"uuid": str(uuid.uuid4()), "name": name, **stamp})
        first = AggregateHandlers(deps).list_aggregates  # bound before anything is read
        number = tx.execute(aggregates.select().where(aggregates.c.name == "one")).first().id
        tx.execute(aggregate_hosts.insert(), {"aggregate_id": number, "host": "h1", **stamp})
        zone = {"aggregate_id": number, "key": "availability_zone", "value": "z1", **stamp}
        tx.execute(aggregate_metadata.insert(), zone)
    found = {aggregate.name: aggregate for aggregate in first(admin)}
    assert found["one"].hosts == ["h1"]
    assert found["one"].availability_zone == "z1"
    assert found["two"].hosts == [] and found["two"].availability_zone is None
