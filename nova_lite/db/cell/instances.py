# SPDX-License-Identifier: Apache-2.0
"""Servers: rows in, values and JSON text out, and writes that are patches.

A row becomes the JSON text of an `Instance` by joining texts: its plain columns are encoded, the
documents `metadata`, `vifs` and `data` are put behind them unread. So a list of a thousand
servers is encoded once and decoded nowhere here; one server is that text decoded.
"""

import datetime as dt
import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from msgspec import UNSET

from nova_lite.base import clock
from nova_lite.db.cell import devices, faults, tags
from nova_lite.db.cell.models import instances
from nova_lite.db.engine import Tx
from nova_lite.domain import errors
from nova_lite.domain.devices import DeviceAddress, Vif
from nova_lite.domain.instance import Expect, Instance, InstancePatch
from nova_lite.domain.states import VmState

SCHEMA: Final = 1
# Documents of older releases: schema -> function that makes the next one of it.
LIFTS: Final[dict[int, Callable[[dict[str, Any]], dict[str, Any]]]] = {}

# Bits of `extras`: which child tables have to be asked.
TAGS, DEVICES, FAULT = 1, 2, 4

c = instances.c
_PLAIN: Final = (
    *("id", "uuid", "project_id", "user_id", "display_name", "description", "hostname"),
    *("vm_state", "task_state", "power_state", "host", "node", "availability_zone"),
    *("image_ref", "kernel_id", "ramdisk_id", "key_name", "config_drive", "auto_disk_config"),
    *("launch_index", "reservation_id", "locked_by", "access_ip_v4", "access_ip_v6", "progress"),
    *("root_device_name", "launched_at", "terminated_at", "created_at", "updated_at"),
    "deleted_at",
)
# Of an instance, what is kept in the document `data`.
_DOCUMENT: Final = (
    *("flavor", "pinned_availability_zone", "image_properties", "key_data", "key_type"),
    *("user_data", "system_metadata", "security_groups", "locked_reason", "trusted_certs"),
    *("scheduler_hints", "guest_password", "device_addresses"),
)
_PATCHED_DOCUMENT: Final = frozenset(_DOCUMENT) & frozenset(InstancePatch.__struct_fields__)
_JSON_COLUMNS: Final = ("metadata", "vifs")

READ: Final = sa.select(
    *(c[name] for name in _PLAIN), c.deleted, c.name_template, c.extras, c.metadata, c.vifs, c.data
)
_encode = msgspec.json.Encoder().encode
_decode_metadata = msgspec.json.Decoder(dict[str, str]).decode
_decode_vifs = msgspec.json.Decoder(list[Vif]).decode
_decoder = msgspec.json.Decoder(Instance)
_document_decoder = msgspec.json.Decoder(dict[str, Any])
_CURRENT: Final = f'{{"schema":{SCHEMA},'
Row = Any


# --- writing --------------------------------------------------------------------------------


def insert(tx: Tx, values: Sequence[Instance], name_template: str) -> dict[str, int]:
    """New rows, with their tags and block devices; returns uuid -> id. `name_template` makes
    the guest's name for the hypervisor of the id."""
    rows = [{**_row_of(value), "name_template": name_template} for value in values]
    if len(rows) == 1:
        key: Any = tx.execute(instances.insert(), rows[0]).inserted_primary_key
        ids = {values[0].uuid: key[0]}
    else:
        tx.execute(instances.insert(), rows)
        wanted = sa.select(c.uuid, c.id).where(c.uuid.in_([value.uuid for value in values]))
        ids = {row.uuid: row.id for row in tx.execute(wanted)}
    tags.insert(tx, {value.uuid: value.tags for value in values if value.tags})
    devices.insert(tx, [device for value in values for device in value.block_devices])
    return ids


def _row_of(value: Instance) -> dict[str, Any]:
    row = {name: getattr(value, name) for name in _PLAIN if name != "id"}
    row["vm_state"] = str(value.vm_state)
    row["task_state"] = None if value.task_state is None else str(value.task_state)
    row["power_state"] = int(value.power_state)
    row["flavorid"], row["instance_type_id"] = value.flavor.flavorid, value.flavor.id
    row["extras"] = (TAGS if value.tags else 0) | (DEVICES if value.block_devices else 0)
    row["metadata"] = _encode(value.metadata).decode()
    row["vifs"] = _encode(value.vifs).decode()
    document = {name: getattr(value, name) for name in _DOCUMENT}
    row["data"] = _encode({"schema": SCHEMA, **document}).decode()
    return row


def patch(tx: Tx, uuids: Sequence[str], change: InstancePatch, *, fault: bool = False) -> int:
    """Write a patch without looking at the state; how many rows it reached.

    For who holds the server already, as a running flow does. `fault`: one was recorded."""
    values = _values(tx, uuids, change)
    if len(uuids) == 1:
        parameters = {**values, "of_uuid": uuids[0]}
        return tx.execute(_update(frozenset(values), fault), parameters).rowcount
    statement = instances.update().where(c.uuid.in_(uuids), c.deleted == 0)
    return tx.execute(statement.values(_columns(values, fault))).rowcount


def change_vifs(tx: Tx, uuid: str, change: Callable[[list[Vif]], list[Vif]]) -> None:
    """Read, change and write the interfaces, with nobody in between. Raises InstanceNotFound."""
    wanted = sa.select(c.vifs).where(c.uuid == uuid, c.deleted == 0).with_for_update()
    found = tx.execute(wanted).scalar()
    if found is None:
        raise errors.InstanceNotFound(instance_id=uuid)
    changed = change(_decode_vifs(found))
    patch(tx, [uuid], InstancePatch(vifs=changed))


def change_device_addresses(
    tx: Tx, uuid: str, change: Callable[[list[DeviceAddress]], list[DeviceAddress]]
) -> None:
    """The same for where its devices are."""
    wanted = sa.select(c.data).where(c.uuid == uuid, c.deleted == 0).with_for_update()
    found = tx.scalar(wanted)
    if found is None:
        raise errors.InstanceNotFound(instance_id=uuid)
    stored = lifted(found).get("device_addresses", [])
    changed = change(msgspec.convert(stored, list[DeviceAddress]))
    patch(tx, [uuid], InstancePatch(device_addresses=changed))


def change_metadata(
    tx: Tx, uuid: str, change: Callable[[dict[str, str]], dict[str, str]]
) -> dict[str, str]:
    """The same for the metadata; returns what it is now."""
    wanted = sa.select(c.metadata).where(c.uuid == uuid, c.deleted == 0).with_for_update()
    found = tx.execute(wanted).scalar()
    if found is None:
        raise errors.InstanceNotFound(instance_id=uuid)
    changed = change(_decode_metadata(found))
    patch(tx, [uuid], InstancePatch(metadata=changed))
    return changed


def change_guest_password(tx: Tx, uuid: str, change: Callable[[str], str]) -> None:
    """The same for the password that the guest told, '' where there is none."""
    wanted = sa.select(c.data).where(c.uuid == uuid, c.deleted == 0).with_for_update()
    found = tx.scalar(wanted)
    if found is None:
        raise errors.InstanceNotFound(instance_id=uuid)
    changed = change(lifted(found).get("guest_password", ""))
    patch(tx, [uuid], InstancePatch(guest_password=changed))


def change_tags(
    tx: Tx, uuid: str, change: Callable[[list[str]], Sequence[str]]
) -> tuple[list[str], list[str]]:
    """The same for the tags; returns (before, after)."""
    wanted = sa.select(c.extras).where(c.uuid == uuid, c.deleted == 0).with_for_update()
    extras = tx.execute(wanted).scalar()
    if extras is None:
        raise errors.InstanceNotFound(instance_id=uuid)
    before = tags.of(tx, [uuid]).get(uuid, [])
    after = sorted(set(change(before)))
    if after != before:
        tags.delete(tx, uuid)
        tags.insert(tx, {uuid: after} if after else {})
        bits = extras & ~TAGS | (TAGS if after else 0)
        tx.execute(instances.update().where(c.uuid == uuid).values(extras=bits))
    return before, after


def update_if(tx: Tx, uuid: str, expect: Expect, change: InstancePatch) -> None:
    """One UPDATE that decides. Raises InstanceNotFound, InstanceChanged."""
    statement = instances.update().where(c.uuid == uuid, c.deleted == 0, *_expected(expect))
    values = _columns(_values(tx, [uuid], change), fault=False)
    if tx.execute(statement.values(values)).rowcount:
        return
    found = tx.execute(
        sa.select(c.vm_state, c.task_state, c.host).where(c.uuid == uuid, c.deleted == 0)
    ).first()
    if found is None:
        raise errors.InstanceNotFound(instance_id=uuid)
    raise errors.InstanceChanged(
        instance_id=uuid, expected=msgspec.to_builtins(expect), actual=list(found)
    )


_BIND: Final = "new_"


@functools.cache
def _update(names: frozenset[str], fault: bool) -> sa.Update:
    """The UPDATE of one server that writes these parameters; patches have few shapes."""
    columns: dict[str, Any] = {}
    columns |= {name.removeprefix(_BIND): sa.bindparam(name) for name in sorted(names)}
    if fault:
        columns["extras"] = c.extras.op("|")(FAULT)
    same = instances.update().where(c.uuid == sa.bindparam("of_uuid"), c.deleted == 0)
    return same.values(columns)


def _columns(values: Mapping[str, Any], fault: bool) -> dict[str, Any]:
    columns = {name.removeprefix(_BIND): value for name, value in values.items()}
    return {**columns, "extras": c.extras.op("|")(FAULT)} if fault else columns


def soft_delete(tx: Tx, uuid: str) -> bool:
    """Turn a row into a deleted one; its tags and block devices are gone. False: it was so."""
    now = clock.now()
    statement = instances.update().where(c.uuid == uuid, c.deleted == 0)
    values = {
        "deleted": c.id,
        "deleted_at": now,
        "terminated_at": now,
        "updated_at": now,
        "vm_state": str(VmState.DELETED),
        "task_state": None,
        "vifs": "[]",
    }
    done = tx.execute(statement.values(values)).rowcount == 1
    extras = tx.scalar(sa.select(c.extras).where(c.uuid == uuid)) or 0
    if extras & TAGS:
        tags.delete(tx, uuid)
    if extras & DEVICES:
        devices.delete(tx, uuid)
    return done


def _expected(expect: Expect) -> list[Any]:
    wanted: list[Any] = []
    if expect.vm_states is not UNSET:
        wanted.append(c.vm_state.in_([str(state) for state in expect.vm_states]))
    if expect.task_states is not UNSET:
        wanted.append(one_of(c.task_state, expect.task_states))
    if expect.host is not UNSET:
        wanted.append(c.host.is_(None) if expect.host is None else c.host == expect.host)
    return wanted


def one_of(column: Any, values: Iterable[Any]) -> Any:
    """`column` is one of the values, None among them meaning NULL."""
    words = [str(value) for value in values if value is not None]
    if len(words) == len(list(values)):
        return column.in_(words)
    return sa.or_(column.is_(None), column.in_(words)) if words else column.is_(None)


def _values(tx: Tx, uuids: Sequence[str], change: InstancePatch) -> dict[str, Any]:
    """What a patch writes, by the name of the parameter: `new_` and the column."""
    values: dict[str, Any] = {"updated_at": clock.now()}
    document = {}
    for name in InstancePatch.__struct_fields__:
        value = getattr(change, name)
        if value is UNSET:
            continue
        if name in _PATCHED_DOCUMENT:
            document[name] = value
        elif name in _JSON_COLUMNS:
            values[name] = _encode(value).decode()
        elif name in ("vm_state", "task_state"):
            values[name] = None if value is None else str(value)
        else:
            values[name] = int(value) if name == "power_state" else value
    if document:
        (uuid,) = uuids
        values["data"] = _rewritten(tx, uuid, document)
    return {f"{_BIND}{name}": value for name, value in values.items()}


def _rewritten(tx: Tx, uuid: str, changes: Mapping[str, Any]) -> str:
    """The document with some fields changed; its row stays locked until the transaction ends."""
    wanted = sa.select(c.data).where(c.uuid == uuid, c.deleted == 0).with_for_update()
    text = tx.scalar(wanted)
    if text is None:
        raise errors.InstanceNotFound(instance_id=uuid)
    return _encode({**lifted(text), **changes}).decode()


def lifted(text: str) -> dict[str, Any]:
    """A stored document as this release has it."""
    document = _document_decoder.decode(text)
    while document["schema"] < SCHEMA:
        document = LIFTS[document["schema"]](document)
    return document


# --- reading --------------------------------------------------------------------------------


_GET_ANY: Final = READ.where(c.uuid == sa.bindparam("of_uuid"))
_GET: Final = _GET_ANY.where(c.deleted == 0)


def get(
    tx: Tx,
    uuid: str,
    *,
    deleted: bool | None = False,
    host_status: Callable[[Sequence[str]], Mapping[str, str]] | None = None,
) -> Instance:
    """One server with tags, block devices and fault. deleted None: also a deleted one."""
    row = tx.execute(_GET if deleted is False else _GET_ANY, {"of_uuid": uuid}).first()
    if row is None:
        raise errors.InstanceNotFound(instance_id=uuid)
    statuses = host_status([row.host]) if host_status is not None and row.host else {}
    return _decoder.decode(texts(tx, [row], statuses)[0])


def of_host(tx: Tx, host: str) -> list[Instance]:
    """The servers (not deleted) of a host, by id."""
    rows = tx.execute(READ.where(c.host == host, c.deleted == 0).order_by(c.id)).all()
    return [_decoder.decode(text) for text in texts(tx, rows, {})]


def texts(tx: Tx, rows: Sequence[Row], statuses: Mapping[str, str]) -> list[str]:
    """The JSON text of an Instance for each row of READ; at most three more queries."""
    extras = _Extras(tx, rows)
    return [_text(row, extras, statuses) for row in rows]


class _Extras:
    """What child tables say, asked once for all rows, and only where a row has some."""

    def __init__(self, tx: Tx, rows: Sequence[Row]) -> None:
        tagged = [row.uuid for row in rows if row.extras & TAGS and not row.deleted]
        with_devices = [row.uuid for row in rows if row.extras & DEVICES and not row.deleted]
        failed = [row.uuid for row in rows if row.extras & FAULT and _shows_fault(row)]
        self.tags = tags.of(tx, tagged) if tagged else {}
        self.devices = devices.of(tx, with_devices) if with_devices else {}
        self.faults = faults.latest(tx, failed) if failed else {}


def _shows_fault(row: Row) -> bool:
    return bool(row.deleted) or row.vm_state == "error"


def _text(row: Row, extras: _Extras, statuses: Mapping[str, str]) -> str:
    values = dict(zip(_PLAIN, row, strict=False))
    uuid, host = values["uuid"], values["host"]
    values["deleted"] = bool(row.deleted)
    values["guest_name"] = guest_name(row.name_template, values["id"], uuid)
    values["host_status"] = statuses.get(host, "UNKNOWN") if host and statuses else ""
    if row.extras:
        values["tags"] = extras.tags.get(uuid, [])
        values["block_devices"] = extras.devices.get(uuid, [])
        values["fault"] = extras.faults.get(uuid)
    data = row.data
    if not data.startswith(_CURRENT):
        data = _encode(lifted(data)).decode()
    plain = _encode(values).decode()
    return f'{plain[:-1]},"metadata":{row.metadata},"vifs":{row.vifs},{data[1:]}'


def guest_name(template: str, number: int, uuid: str) -> str:
    """The hypervisor's name of a guest; "" when the template is."""
    if "%(" in template:
        return template % {"id": number, "uuid": uuid}
    return template % number if "%" in template else template


def locked_hosts(tx: Tx, uuids: Sequence[str]) -> dict[str, str | None]:
    """uuid -> host of servers (not deleted), whose rows stay locked until the transaction ends.

    Who asks the same at the same time waits, and then sees what was written here."""
    statement = sa.select(c.uuid, c.host).where(c.uuid.in_(uuids), c.deleted == 0)
    rows = tx.execute(statement.order_by(c.id).with_for_update())
    return {row.uuid: row.host for row in rows}


# --- for periodic jobs and the audit ----------------------------------------------------------


class Brief(msgspec.Struct, frozen=True, kw_only=True):
    """What the reconcilers need to know of a server."""

    uuid: str
    project_id: str
    vm_state: str
    task_state: str | None
    host: str | None
    node: str | None
    deleted: bool
    updated_at: dt.datetime
    deleted_at: dt.datetime | None
    launched: bool


_BRIEF: Final = sa.select(
    *(c.uuid, c.project_id, c.vm_state, c.task_state, c.host, c.node, c.deleted),
    *(c.updated_at, c.deleted_at, c.launched_at),
)


def briefs(
    tx: Tx,
    *,
    uuids: Sequence[str] | None = None,
    host: str | None = None,
    vm_state: str | None = None,
    busy: bool = False,
    deleted: bool | None = False,
) -> list[Brief]:
    """Short records. `busy`: only those with a task_state. deleted None: both kinds."""
    statement = _BRIEF
    if deleted is not None:
        statement = statement.where(c.deleted != 0 if deleted else c.deleted == 0)
    if uuids is not None:
        statement = statement.where(c.uuid.in_(uuids))
    if host is not None:
        statement = statement.where(c.host == host)
    if vm_state is not None:
        statement = statement.where(c.vm_state == vm_state)
    if busy:
        statement = statement.where(c.task_state.is_not(None))
    return [
        Brief(
            uuid=row.uuid,
            project_id=row.project_id,
            vm_state=row.vm_state,
            task_state=row.task_state,
            host=row.host,
            node=row.node,
            deleted=bool(row.deleted),
            updated_at=row.updated_at,
            deleted_at=row.deleted_at,
            launched=row.launched_at is not None,
        )
        for row in tx.execute(statement)
    ]


def existing(tx: Tx, uuids: Sequence[str]) -> set[str]:
    """Which of these have a row, deleted or not."""
    found: set[str] = set()
    for start in range(0, len(uuids), 500):
        part = sa.select(c.uuid).where(c.uuid.in_(uuids[start : start + 500]))
        found.update(tx.execute(part).scalars())
    return found


def name_is_taken(tx: Tx, name: str, project_id: str | None, *, besides: str | None = None) -> bool:
    """A server (not deleted) has this name, whatever case; project_id None: in any project.
    `besides`: the uuid of one that may have it."""
    statement = sa.select(c.id).where(sa.func.lower(c.display_name) == name.lower(), c.deleted == 0)
    if project_id is not None:
        statement = statement.where(c.project_id == project_id)
    if besides is not None:
        statement = statement.where(c.uuid != besides)
    return tx.scalar(statement.limit(1)) is not None
