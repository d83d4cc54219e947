# SPDX-License-Identifier: Apache-2.0
"""Request specs: what was asked for when a server was created, kept for later moves."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from nova_lite.base import clock
from nova_lite.db.api.models import request_specs
from nova_lite.db.engine import Tx
from nova_lite.domain.request import RequestSpec

_encode = msgspec.json.Encoder().encode
_GET = sa.select(request_specs.c.spec).where(request_specs.c.instance_uuid == sa.bindparam("uuid"))

# schema number -> what makes the next one of a stored document.
LIFTS: Final[dict[int, Callable[[dict[str, Any]], dict[str, Any]]]] = {}
CURRENT: Final = 1


def create(tx: Tx, specs: Mapping[str, RequestSpec]) -> None:
    """`specs` by server uuid. Raises db.errors.Duplicate when one is there already."""
    now = clock.now()
    texts: dict[int, str] = {}
    rows = []
    for uuid, spec in specs.items():
        # The servers of one request share one value: it is encoded once.
        text = texts.setdefault(id(spec), "") or _encode(spec).decode()
        texts[id(spec)] = text
        rows.append({"instance_uuid": uuid, "spec": text, "created_at": now})
    tx.execute(request_specs.insert(), rows)


def get(tx: Tx, uuid: str) -> RequestSpec | None:
    text = tx.scalar(_GET, {"uuid": uuid})
    return None if text is None else decode(text)


def decode(text: str) -> RequestSpec:
    """A stored document of this release or an older one."""
    document = msgspec.json.decode(text)
    while document.get("schema", CURRENT) < CURRENT:
        document = LIFTS[document["schema"]](document)
    return msgspec.convert(document, RequestSpec)


def update(tx: Tx, uuid: str, spec: RequestSpec) -> bool:
    statement = request_specs.update().where(request_specs.c.instance_uuid == uuid)
    values = {"spec": _encode(spec).decode(), "updated_at": clock.now()}
    return tx.execute(statement.values(**values)).rowcount == 1


def delete(tx: Tx, uuids: Sequence[str]) -> int:
    """How many there were."""
    count = 0
    for start in range(0, len(uuids), 500):
        part = uuids[start : start + 500]
        statement = request_specs.delete().where(request_specs.c.instance_uuid.in_(part))
        count += tx.execute(statement).rowcount
    return count
