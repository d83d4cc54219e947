# SPDX-License-Identifier: Apache-2.0
"""Compute nodes of a cell: the last report of each.

Digests tell whether a report says anything new without reading the stored one.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from nova_lite.base import clock
from nova_lite.db.cell.models import compute_nodes, instances
from nova_lite.db.columns import insert_if_absent
from nova_lite.db.engine import Tx
from nova_lite.domain.host import NodeReport

_N = compute_nodes.c
_decode = msgspec.json.Decoder(NodeReport).decode
_SELECT = sa.select(_N.id, _N.uuid, _N.host, _N.report).where(_N.deleted == 0)


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """A row: the report, where it came from, and its number."""

    id: int
    uuid: str
    host: str
    report: NodeReport


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What a new report is compared with."""

    host: str
    digest: str
    facts_digest: str
    deleted: bool


def digest(text: bytes | str) -> str:
    """32 characters that are equal for equal texts."""
    data = text.encode() if isinstance(text, str) else text
    return hashlib.blake2b(data, digest_size=16).hexdigest()


_KNOWN = sa.select(_N.host, _N.digest, _N.facts_digest, _N.deleted).where(
    _N.uuid == sa.bindparam("uuid")
)


def known(tx: Tx, uuid: str) -> Known | None:
    """One cheap query; deleted nodes too."""
    row = tx.execute(_KNOWN, {"uuid": uuid}).first()
    if row is None:
        return None
    return Known(
        host=row.host,
        digest=row.digest,
        facts_digest=row.facts_digest,
        deleted=bool(row.deleted),
    )


def report(tx: Tx, *, host: str, node: NodeReport, text: bytes, facts_digest: str) -> None:
    """Write the report of a node, new, known or deleted before. `text`: the report as JSON.

    Another node of the same host and name is replaced: the machine has a new identity."""
    now = clock.now()
    values: dict[str, Any] = {
        "host": host,
        "hypervisor_hostname": node.hypervisor_hostname,
        "report": text.decode(),
        "digest": digest(text),
        "facts_digest": facts_digest,
        "updated_at": now,
    }
    same = compute_nodes.update().where(_N.uuid == node.node_uuid)
    if tx.execute(same.where(_N.deleted == 0).values(**values)).rowcount == 1:
        return
    tx.execute(
        compute_nodes.update()
        .where(_N.host == host, _N.hypervisor_hostname == node.hypervisor_hostname)
        .where(_N.deleted == 0)
        .values(deleted=_N.id, deleted_at=now)
    )
    again = same.values(**values, deleted=0, deleted_at=None)
    if tx.execute(again).rowcount == 0:
        row = {**values, "uuid": node.node_uuid, "created_at": now}
        if not insert_if_absent(tx, compute_nodes, row):
            tx.execute(again)


def get(tx: Tx, uuid: str) -> Node | None:
    row = tx.execute(_SELECT.where(_N.uuid == uuid)).mappings().first()
    return None if row is None else _node(row)


def list_ids(
    tx: Tx, *, name_part: str | None = None, uuid: str | None = None
) -> list[tuple[int, str]]:
    """(id, uuid) by id. `name_part`: a part of the hypervisor's host name."""
    statement = sa.select(_N.id, _N.uuid).where(_N.deleted == 0).order_by(_N.id)
    if uuid is not None:
        statement = statement.where(_N.uuid == uuid)
    if name_part is not None:
        statement = statement.where(_N.hypervisor_hostname.contains(name_part, autoescape=True))
    return [(row.id, row.uuid) for row in tx.execute(statement)]


def list_nodes(tx: Tx, uuids: Sequence[str]) -> list[Node]:
    """These nodes, by id."""
    found: list[Node] = []
    for start in range(0, len(uuids), 500):
        part = _SELECT.where(_N.uuid.in_(uuids[start : start + 500]))
        found += [_node(row) for row in tx.execute(part).mappings()]
    return sorted(found, key=lambda node: node.id)


def of_host(tx: Tx, host: str) -> list[Node]:
    """The nodes of a host, by id."""
    rows = tx.execute(_SELECT.where(_N.host == host).order_by(_N.id)).mappings()
    return [_node(row) for row in rows]


def servers_on(tx: Tx, hosts: Sequence[str]) -> list[tuple[str, int, str]]:
    """(host, id, uuid) of the servers that live on these hosts."""
    found: list[tuple[str, int, str]] = []
    columns = (instances.c.host, instances.c.id, instances.c.uuid)
    for start in range(0, len(hosts), 500):
        part = sa.select(*columns).where(instances.c.host.in_(hosts[start : start + 500]))
        rows = tx.execute(part.where(instances.c.deleted == 0).order_by(instances.c.id))
        found += [(row.host, row.id, row.uuid) for row in rows]
    return found


def hosts(tx: Tx) -> list[str]:
    """Hosts that have nodes."""
    statement = sa.select(_N.host).where(_N.deleted == 0).distinct().order_by(_N.host)
    return [row.host for row in tx.execute(statement)]


def _node(row: Mapping[Any, Any]) -> Node:
    return Node(id=row["id"], uuid=row["uuid"], host=row["host"], report=_decode(row["report"]))


def delete(tx: Tx, host: str) -> list[str]:
    """Soft, all nodes of a host; returns their uuids."""
    uuids = [row.uuid for row in tx.execute(_SELECT.where(_N.host == host))]
    of_host = compute_nodes.update().where(_N.host == host, _N.deleted == 0)
    tx.execute(of_host.values(deleted=_N.id, deleted_at=clock.now()))
    return uuids
