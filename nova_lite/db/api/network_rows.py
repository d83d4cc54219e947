# SPDX-License-Identifier: Apache-2.0
"""Rows of the built-in network: networks, subnets, ports, floating addresses, security groups.

A row is the document of one resource and the columns that it is found by. Say `lock` first in
every transaction that writes: what may be written depends on rows of other tables.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple, TypeVar, cast

import msgspec
import sqlalchemy as sa
from msgspec.structs import replace

from nova_lite.base import clock
from nova_lite.db.api import models
from nova_lite.db.columns import insert_if_absent
from nova_lite.db.engine import Tx
from nova_lite.domain.errors_network import NetworkResourceNotFound
from nova_lite.domain.network import (
    FloatingIp,
    Network,
    Port,
    SecurityGroup,
    SecurityGroupRule,
    Subnet,
)
from nova_lite.domain.network_query import NetworkKind, Resource

R = TypeVar("R", Network, Subnet, Port, FloatingIp, SecurityGroup, SecurityGroupRule)

_ONE: Final = 1
_PART: Final = 500  # values in one IN
_A = models.network_addresses.c
_G = models.port_security_groups.c
_H = models.network_hosts.c
# filled when they are read, from rows of their own
_ELSEWHERE: Final[dict[str, Any]] = {"subnets": [], "rules": []}


class HostSaid(NamedTuple):
    """What a host reports of itself. `physical_networks` None: it does not say."""

    tunnel_address: str
    physical_networks: tuple[str, ...] | None


class _Rows(NamedTuple):
    kind: NetworkKind
    table: sa.Table
    columns: tuple[str, ...]


_ROWS: Final[dict[type, _Rows]] = {
    Network: _Rows(NetworkKind.NETWORK, models.networks, ("shared", "external")),
    Subnet: _Rows(NetworkKind.SUBNET, models.subnets, ("network_id",)),
    Port: _Rows(NetworkKind.PORT, models.ports, ("network_id", "mac", "device_id", "host")),
    FloatingIp: _Rows(
        NetworkKind.FLOATING_IP, models.floating_ips, ("network_id", "port_id", "fixed_address")
    ),
    SecurityGroup: _Rows(NetworkKind.SECURITY_GROUP, models.security_groups, ()),
    SecurityGroupRule: _Rows(
        NetworkKind.SECURITY_GROUP_RULE, models.security_group_rules, ("group_id", "remote_group")
    ),
}


# --- generation -------------------------------------------------------------------------------


def lock(tx: Tx) -> int:
    """Wait for the others who write; returns the new generation."""
    state = models.network_state
    grow = state.update().values(generation=state.c.generation + 1)
    if tx.execute(grow).rowcount == 0:
        insert_if_absent(tx, state, {"id": _ONE, "generation": 0})
        tx.execute(grow)
    return generation(tx)


def hold(tx: Tx) -> None:
    """`lock` for what no host has to hear of."""
    state = models.network_state
    tx.execute(state.update().values(generation=state.c.generation))


def generation(tx: Tx) -> int:
    """Grows with every change of any row. Read it before the rows."""
    return int(tx.scalar(sa.select(models.network_state.c.generation)) or 0)


# --- resources --------------------------------------------------------------------------------


def find(tx: Tx, kind: type[R], *conditions: sa.ColumnElement[bool], **columns: Any) -> list[R]:
    """In the order in which they were made. A column is given a value, or several in a list;
    `uuid` and `project_id` are columns of every kind."""
    table = _ROWS[kind].table
    statement = sa.select(table.c.document).order_by(table.c.id).where(*conditions)
    many: tuple[str, list[Any]] | None = None
    for name, value in columns.items():
        if not isinstance(value, list | set | tuple):
            statement = statement.where(table.c[name] == value)
        elif len(value) <= _PART:
            statement = statement.where(table.c[name].in_(value))
        elif many is None:
            many = (name, sorted(value))
        else:
            raise ValueError("two long lists at a time")
    parts = [statement]
    if many is not None:
        name, values = many
        parts = [
            statement.where(table.c[name].in_(values[at : at + _PART]))
            for at in range(0, len(values), _PART)
        ]
    found = [msgspec.json.decode(text, type=kind) for part in parts for (text,) in tx.execute(part)]
    return cast(list[R], _filled(tx, kind, found)) if found else found


def visible(kind: type[Resource], project_id: str) -> sa.ColumnElement[bool]:
    """What a project may see: its own, and networks that are for all, with their subnets."""
    own = _ROWS[kind].table.c.project_id == project_id
    for_all = sa.or_(models.networks.c.shared, models.networks.c.external)
    if kind is Network:
        return sa.or_(own, for_all)
    if kind is Subnet:
        theirs = sa.select(models.networks.c.uuid).where(for_all)
        return sa.or_(own, models.subnets.c.network_id.in_(theirs))
    return own


def get(tx: Tx, kind: type[R], uuid: str, *conditions: sa.ColumnElement[bool]) -> R:
    """Raises NetworkResourceNotFound."""
    found = find(tx, kind, *conditions, uuid=uuid)
    if not found:
        raise NetworkResourceNotFound(_ROWS[kind].kind, uuid)
    return found[0]


def count(tx: Tx, kind: type[Resource], **columns: Any) -> int:
    table = _ROWS[kind].table
    where = [table.c[name] == value for name, value in columns.items()]
    return int(tx.scalar(sa.select(sa.func.count()).select_from(table).where(*where)))


def add(tx: Tx, resource: R) -> R:
    """Returns it with its times."""
    now = clock.now()
    made = replace(resource, created_at=now, **_moved(resource, now, 0))
    tx.execute(_table(made).insert(), {"uuid": made.id, **_values(made)})
    return made


def put(tx: Tx, resource: R) -> R:
    """Write a changed one; returns it with its times. Raises NetworkResourceNotFound."""
    revision = getattr(resource, "revision", 0) + 1
    made = replace(resource, **_moved(resource, clock.now(), revision))
    table = _table(made)
    if tx.execute(table.update().where(table.c.uuid == made.id), _values(made)).rowcount != 1:
        raise NetworkResourceNotFound(_ROWS[type(made)].kind, made.id)
    return made


def remove(tx: Tx, kind: type[Resource], uuid: str) -> bool:
    """Alone; what belongs to it is the caller's."""
    table = _ROWS[kind].table
    return tx.execute(table.delete().where(table.c.uuid == uuid)).rowcount == 1


def set_default(tx: Tx, group: SecurityGroup) -> None:
    """Make it the default group of its project. Raises db.errors.Duplicate when there is one."""
    table = models.security_groups
    own = table.update().where(table.c.uuid == group.id)
    tx.execute(own.values(default_of=group.project_id))


def default_group(tx: Tx, project_id: str) -> SecurityGroup | None:
    found = find(tx, SecurityGroup, models.security_groups.c.default_of == project_id)
    return found[0] if found else None


def _table(resource: Resource) -> sa.Table:
    return _ROWS[type(resource)].table


def _moved(resource: Resource, now: Any, revision: int) -> dict[str, Any]:
    if isinstance(resource, SecurityGroupRule):
        return {}
    return {"updated_at": now, "revision": revision}


def _values(resource: Resource) -> dict[str, Any]:
    kept = replace(
        resource,
        **{k: v for k, v in _ELSEWHERE.items() if k in type(resource).__struct_fields__},
    )
    columns = {name: getattr(resource, name) for name in _ROWS[type(resource)].columns}
    document = msgspec.json.encode(kept).decode()
    return {**columns, "project_id": resource.project_id, "document": document}


def _filled(tx: Tx, kind: type, found: list[Any]) -> list[Any]:
    if kind is Network:
        below = _below(tx, Subnet, "network_id", [each.id for each in found])
        return [
            replace(each, subnets=[text.id for text in below.get(each.id, [])]) for each in found
        ]
    if kind is SecurityGroup:
        rules = _below(tx, SecurityGroupRule, "group_id", [each.id for each in found])
        return [replace(each, rules=rules.get(each.id, [])) for each in found]
    return found


def _below(tx: Tx, kind: type[R], column: str, owners: Sequence[str]) -> dict[str, list[R]]:
    found: dict[str, list[R]] = {}
    for each in find(tx, kind, **{column: list(owners)}):
        found.setdefault(getattr(each, column), []).append(each)
    return found


# --- addresses --------------------------------------------------------------------------------


def taken(tx: Tx, subnet_id: str) -> set[str]:
    return {text for (text,) in tx.execute(sa.select(_A.address).where(_A.subnet_id == subnet_id))}


def holder(tx: Tx, subnet_id: str, address: str) -> str | None:
    """The id of the port or the floating address that has it."""
    where = (_A.subnet_id == subnet_id) & (_A.address == address)
    found = tx.scalar(sa.select(_A.owner_id).where(where))
    return None if found is None else str(found)


def take(tx: Tx, subnet_id: str, address: str, owner_id: str) -> None:
    """Raises db.errors.Duplicate when it is taken."""
    row = {"subnet_id": subnet_id, "address": address, "owner_id": owner_id}
    tx.execute(models.network_addresses.insert(), row)


def give_back(tx: Tx, owner_id: str, subnet_id: str | None = None, address: str = "") -> None:
    """One address, or all of an owner."""
    statement = models.network_addresses.delete().where(_A.owner_id == owner_id)
    if subnet_id is not None:
        statement = statement.where(_A.subnet_id == subnet_id, _A.address == address)
    tx.execute(statement)


def in_use(tx: Tx, subnet_id: str) -> bool:
    return tx.scalar(sa.select(_A.id).where(_A.subnet_id == subnet_id).limit(1)) is not None


# --- groups of ports --------------------------------------------------------------------------


def set_groups(tx: Tx, port_id: str, groups: Iterable[str]) -> None:
    tx.execute(models.port_security_groups.delete().where(_G.port_uuid == port_id))
    for group in dict.fromkeys(groups):
        tx.execute(models.port_security_groups.insert(), {"port_uuid": port_id, "group_id": group})


def devices(tx: Tx) -> dict[str, str]:
    """Id of a port -> its device, of those that are used."""
    c = models.ports.c
    rows = tx.execute(sa.select(c.uuid, c.device_id).where(c.device_id != ""))
    return {row.uuid: row.device_id for row in rows}


def count_addresses(tx: Tx, project_id: str) -> int:
    """Of a project's ports."""
    c = models.ports.c
    mine = sa.select(c.uuid).where(c.project_id == project_id)
    statement = sa.select(sa.func.count()).select_from(models.network_addresses)
    return int(tx.scalar(statement.where(_A.owner_id.in_(mine))))


def lost_addresses(tx: Tx) -> list[str]:
    """Owners of addresses that are neither a port nor a floating address."""
    owners = sa.union(sa.select(models.ports.c.uuid), sa.select(models.floating_ips.c.uuid))
    statement = sa.select(_A.owner_id).distinct().where(_A.owner_id.not_in(owners))
    return [owner for (owner,) in tx.execute(statement)]


def ports_with(tx: Tx, group_id: str) -> list[str]:
    """Ids of the ports that are in a group."""
    return [uuid for (uuid,) in tx.execute(sa.select(_G.port_uuid).where(_G.group_id == group_id))]


# --- hosts ------------------------------------------------------------------------------------


def tunnels(tx: Tx) -> dict[str, str]:
    """host -> where tunnels to it end."""
    rows = tx.execute(sa.select(_H.host, _H.tunnel_address))
    return {row.host: row.tunnel_address for row in rows}


def host(tx: Tx, name: str) -> HostSaid | None:
    """None for one that has never reported."""
    columns = sa.select(_H.tunnel_address, _H.physical_networks)
    row = tx.execute(columns.where(_H.host == name)).first()
    return None if row is None else HostSaid(row.tunnel_address, _names(row.physical_networks))


def physical_networks(tx: Tx) -> set[str] | None:
    """Those that some host knows; None when no host has said what it knows."""
    rows = tx.execute(sa.select(_H.physical_networks).where(_H.physical_networks.is_not(None)))
    said = [_names(text) or () for (text,) in rows]
    return {name for names in said for name in names} if said else None


def _names(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else msgspec.json.decode(text, type=tuple[str, ...])


def keep_host(tx: Tx, host: str, said: HostSaid) -> None:
    """What it does not say stays as it was."""
    own = models.network_hosts.update().where(_H.host == host)
    values: dict[str, Any] = {"tunnel_address": said.tunnel_address, "updated_at": clock.now()}
    if said.physical_networks is not None:
        values["physical_networks"] = msgspec.json.encode(said.physical_networks).decode()
    if tx.execute(own.values(**values)).rowcount == 0:
        row = {"host": host, "created_at": clock.now(), **values}
        tx.execute(models.network_hosts.insert(), row)


def forget_host(tx: Tx, name: str) -> None:
    """One that is gone for good. When it reports again, it is there again."""
    if host(tx, name) is not None:
        lock(tx)
        tx.execute(models.network_hosts.delete().where(_H.host == name))


def hosts_of(tx: Tx, network_ids: Iterable[str]) -> set[str]:
    """Hosts that have a port of one of these networks."""
    c = models.ports.c
    statement = sa.select(c.host).distinct().where(c.host.is_not(None))
    wanted = sorted(set(network_ids))
    found: set[str] = set()
    for at in range(0, len(wanted), _PART):
        part = statement.where(c.network_id.in_(wanted[at : at + _PART]))
        found |= {host for (host,) in tx.execute(part)}
    return found
