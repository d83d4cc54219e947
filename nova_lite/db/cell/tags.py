# SPDX-License-Identifier: Apache-2.0
"""Tags of servers."""

from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa

from nova_lite.db.cell.models import tags
from nova_lite.db.engine import Tx

c = tags.c


def insert(tx: Tx, by_uuid: Mapping[str, Iterable[str]]) -> None:
    """New rows for servers that have none yet."""
    rows = [
        {"instance_uuid": uuid, "tag": tag} for uuid, words in by_uuid.items() for tag in set(words)
    ]
    if rows:
        tx.execute(tags.insert(), rows)


def of(tx: Tx, uuids: Sequence[str]) -> dict[str, list[str]]:
    """uuid -> tags in alphabetical order; servers without tags are left out."""
    found: dict[str, list[str]] = {}
    statement = sa.select(c.instance_uuid, c.tag).where(c.instance_uuid.in_(uuids)).order_by(c.tag)
    for uuid, tag in tx.execute(statement):
        found.setdefault(uuid, []).append(tag)
    return found


def delete(tx: Tx, uuid: str) -> None:
    tx.execute(tags.delete().where(c.instance_uuid == uuid))
