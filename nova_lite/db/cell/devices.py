# SPDX-License-Identifier: Apache-2.0
"""Block devices of servers, as JSON documents."""

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from nova_lite.base import clock
from nova_lite.db.cell.models import block_devices
from nova_lite.db.engine import Tx
from nova_lite.domain.devices import BlockDevice

c = block_devices.c
_encode = msgspec.json.Encoder().encode
_decoder = msgspec.json.Decoder(BlockDevice)


def insert(tx: Tx, devices: Sequence[BlockDevice]) -> None:
    """New rows. The servers' `extras` have to say that there are some."""
    if devices:
        now = clock.now()
        tx.execute(
            block_devices.insert(), [{**_row(device), "created_at": now} for device in devices]
        )


def _row(device: BlockDevice) -> dict[str, object]:
    return {
        "uuid": device.uuid,
        "instance_uuid": device.instance_uuid,
        "volume_id": device.volume_id,
        "data": _encode(device).decode(),
    }


def of(tx: Tx, uuids: Sequence[str]) -> dict[str, list[BlockDevice]]:
    """uuid of the server -> its devices in the order they were made."""
    found: dict[str, list[BlockDevice]] = {}
    statement = sa.select(c.instance_uuid, c.data)
    for uuid, text in tx.execute(statement.where(c.instance_uuid.in_(uuids)).order_by(c.id)):
        found.setdefault(uuid, []).append(_decoder.decode(text))
    return found


def replace(tx: Tx, devices: Sequence[BlockDevice]) -> None:
    """Write these devices over their former selves."""
    for device in devices:
        statement = block_devices.update().where(c.uuid == device.uuid)
        tx.execute(statement.values(**_row(device), updated_at=clock.now()))


def delete(tx: Tx, instance_uuid: str) -> None:
    tx.execute(block_devices.delete().where(c.instance_uuid == instance_uuid))
