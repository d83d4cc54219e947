# SPDX-License-Identifier: Apache-2.0
"""Resource providers: compute nodes as the API database knows them, and what schedulers read.

`generation` of a row is the server's clock when the row last changed, in microseconds. It needs
no counter that every claim would have to lock. A transaction takes the time before it commits,
so a reader may see time T before a row of time T - x appears: what `changed_since` gives back as
the next generation is therefore OVERLAP older than the clock, and rows of the last moments are
seen twice.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from nova_lite.base import clock
from nova_lite.db.api.models import allocations, inventories, resource_providers
from nova_lite.db.columns import insert_if_absent, server_microseconds
from nova_lite.db.engine import Tx
from nova_lite.domain.host import HostState, Inventory, NodeReport

OVERLAP: Final = 3_000_000  # microseconds; longer than any transaction that changes a provider
_P = resource_providers.c
_I = inventories.c
_A = allocations.c
_MANY: Final = 300


class Facts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The part of a NodeReport that schedulers see; stored as JSON."""

    host_ip: str | None = None
    hypervisor_type: str = ""
    hypervisor_version: int = 0
    supported: list[tuple[str, str, str]] = []
    inventory: dict[str, Inventory] = {}
    traits: list[str] = []
    cpu_info: dict[str, Any] = {}
    stats: dict[str, Any] = {}

    @classmethod
    def of(cls, report: NodeReport) -> "Facts":
        return cls(**{name: getattr(report, name) for name in cls.__struct_fields__})


_encode = msgspec.json.Encoder().encode
_decode_facts = msgspec.json.Decoder(Facts).decode


def encode(facts: Facts) -> str:
    """The stored text; equal facts give equal texts."""
    return _encode(facts).decode()


# --- writing --------------------------------------------------------------------------------


def report(tx: Tx, *, host: str, cell: str, node: NodeReport, facts: Facts, text: str) -> None:
    """Write what a node says of itself: its row and its inventories. `text` = encode(facts).

    What is used is left alone. A class that is not reported any more keeps its row with no
    capacity while something of it is allocated."""
    values = {
        "host": host,
        "node": node.hypervisor_hostname,
        "cell": cell,
        "facts": text,
        "removed": False,
        "generation": server_microseconds(tx.dialect),
        "updated_at": clock.now(),
    }
    change = resource_providers.update().where(_P.uuid == node.node_uuid).values(**values)
    if tx.execute(change).rowcount == 0:
        row = {**values, "uuid": node.node_uuid, "generation": 0, "created_at": clock.now()}
        insert_if_absent(tx, resource_providers, row)
        tx.execute(change)
    provider = tx.scalar(sa.select(_P.id).where(_P.uuid == node.node_uuid))
    for resource_class in sorted(facts.inventory):
        _write_inventory(tx, provider, resource_class, facts.inventory[resource_class])
    others = inventories.update().where(_I.provider_id == provider)
    tx.execute(others.where(_I.resource_class.not_in(list(facts.inventory))).values(capacity=0))
    gone = inventories.delete().where(_I.provider_id == provider, _I.used == 0)
    tx.execute(gone.where(_I.resource_class.not_in(list(facts.inventory))))


def _write_inventory(tx: Tx, provider: int, resource_class: str, inventory: Inventory) -> None:
    values = {
        "total": inventory.total,
        "reserved": inventory.reserved,
        "allocation_ratio": inventory.ratio,
        "min_unit": inventory.min_unit,
        "max_unit": inventory.max_unit,
        "step_size": inventory.step_size,
        "capacity": max(inventory.capacity, 0),
    }
    same = inventories.update().where(
        _I.provider_id == provider, _I.resource_class == resource_class
    )
    if tx.execute(same.values(**values)).rowcount == 0:
        row = {"provider_id": provider, "resource_class": resource_class, **values}
        tx.execute(inventories.insert(), row)


def set_service(
    tx: Tx, host: str, *, up: bool, disabled: bool, disabled_reason: str | None
) -> bool:
    """Copy what the host's service says; True if that changed a row."""
    differs = sa.or_(
        _P.up.is_not(up),
        _P.disabled.is_not(disabled),
        sa.func.coalesce(_P.disabled_reason, "") != (disabled_reason or ""),
    )
    statement = (
        resource_providers.update()
        .where(_P.host == host, differs)
        .values(
            up=up,
            disabled=disabled,
            disabled_reason=disabled_reason,
            generation=server_microseconds(tx.dialect),
        )
    )
    return tx.execute(statement).rowcount > 0


def touch(tx: Tx, hosts: Iterable[str]) -> None:
    """Make schedulers read these hosts again (their aggregates changed)."""
    statement = resource_providers.update().where(_P.host.in_(list(hosts)))
    tx.execute(statement.values(generation=server_microseconds(tx.dialect)))


def remove(tx: Tx, host: str) -> int:
    """Take the nodes of a host away from schedulers; how many claims are still on them.

    The rows stay as tombstones, so that every scheduler learns of it."""
    of_host = sa.select(_P.id).where(_P.host == host)
    left = tx.scalar(
        sa.select(sa.func.count(_A.consumer_uuid.distinct())).where(_A.provider_id.in_(of_host))
    )
    tx.execute(
        resource_providers.update()
        .where(_P.host == host)
        .values(removed=True, generation=server_microseconds(tx.dialect))
    )
    return int(left)


# --- reading --------------------------------------------------------------------------------


class NotPlain(msgspec.Struct, frozen=True, kw_only=True):
    """A host whose service is down or disabled, as providers have it copied."""

    up: bool
    disabled: bool
    disabled_reason: str | None = None


def not_plain(tx: Tx) -> dict[str, NotPlain]:
    """host -> state, of all hosts that are not simply up and enabled."""
    statement = sa.select(_P.host, _P.up, _P.disabled, _P.disabled_reason).where(
        sa.or_(_P.up.is_(False), _P.disabled.is_(True)), _P.removed.is_(False)
    )
    return {
        row.host: NotPlain(up=row.up, disabled=row.disabled, disabled_reason=row.disabled_reason)
        for row in tx.execute(statement)
    }


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """`generation` is what to ask with next time. `removed`: uuids of nodes.

    zone and aggregates of the hosts are not filled in."""

    generation: int
    hosts: list[HostState]
    removed: list[str]
    full: bool


def _changed_statement(dialect: str) -> Any:
    """One query gives the server's clock and the changed rows; without any, a row of NULLs."""
    columns = ", ".join(f"p.{column.name}" for column in _READ)
    words = (
        f"SELECT c.server_time, {columns} "  # noqa: S608 - constants only
        f"FROM (SELECT {server_microseconds(dialect).text} AS server_time) c "
        "LEFT JOIN resource_providers p ON p.generation > :since"
    )
    return sa.text(words).columns(sa.column("server_time", sa.BigInteger), *_READ)


_READ: Final = (
    *(_P.id, _P.uuid, _P.host, _P.node, _P.cell, _P.generation, _P.facts, _P.instances),
    *(_P.up, _P.disabled, _P.disabled_reason, _P.removed),
)
_CHANGED: Final = {
    dialect: _changed_statement(dialect) for dialect in ("sqlite", "mysql", "postgresql")
}


def changed_since(tx: Tx, since: int) -> Changed:
    """What schedulers have to learn when they know all up to `since`; 0 = everything."""
    rows = tx.execute(_CHANGED[tx.dialect], {"since": since}).all()
    now = int(rows[0].server_time)
    if since and now < since:
        # The server's clock was set back: what changed now would look old.
        return changed_since(tx, 0)
    found = [row for row in rows if row.id is not None]
    live = [row for row in found if not row.removed]
    used = _used(tx, [row.id for row in live], everything=not since)
    return Changed(
        generation=max(now - OVERLAP, since),
        hosts=[_state(row, used.get(row.id, {})) for row in live],
        removed=[row.uuid for row in found if row.removed] if since else [],
        full=not since,
    )


def _used(tx: Tx, providers: Sequence[int], *, everything: bool) -> dict[int, dict[str, int]]:
    if not providers:
        return {}
    found: dict[int, dict[str, int]] = {}
    statement = sa.select(_I.provider_id, _I.resource_class, _I.used)
    parts: list[sa.Select[Any]] = [statement]
    if not everything and len(providers) <= 10 * _MANY:
        slices = [providers[at : at + _MANY] for at in range(0, len(providers), _MANY)]
        parts = [statement.where(_I.provider_id.in_(part)) for part in slices]
    for part in parts:
        for provider, resource_class, used in tx.execute(part):
            found.setdefault(provider, {})[resource_class] = used
    return found


def _state(row: Any, used: Mapping[str, int]) -> HostState:
    facts = _decode_facts(row.facts)
    return HostState(
        host=row.host,
        node=row.node,
        node_uuid=row.uuid,
        cell=row.cell,
        generation=row.generation,
        up=row.up,
        disabled=row.disabled,
        disabled_reason=row.disabled_reason,
        host_ip=facts.host_ip,
        hypervisor_type=facts.hypervisor_type,
        hypervisor_version=facts.hypervisor_version,
        supported=facts.supported,
        inventory=facts.inventory,
        used=dict(used),
        traits=facts.traits,
        instances=row.instances,
        io_workload=int(facts.stats.get("io_workload", 0)),
        failed_builds=int(facts.stats.get("failed_builds", 0)),
        cpu_info=facts.cpu_info,
        stats=facts.stats,
    )


def usages(tx: Tx, uuids: Sequence[str]) -> dict[str, tuple[dict[str, int], int]]:
    """node uuid -> (used by resource class, number of servers)."""
    found: dict[str, tuple[dict[str, int], int]] = {}
    numbers: dict[int, str] = {}
    for start in range(0, len(uuids), _MANY):
        statement = sa.select(_P.id, _P.uuid, _P.instances).where(
            _P.uuid.in_(uuids[start : start + _MANY])
        )
        for row in tx.execute(statement):
            numbers[row.id] = row.uuid
            found[row.uuid] = ({}, row.instances)
    for provider, used in _used(tx, list(numbers), everything=False).items():
        found[numbers[provider]][0].update(used)
    return found
