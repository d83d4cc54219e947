# SPDX-License-Identifier: Apache-2.0
"""Tokens of consoles, by their digests."""

import datetime as dt
from typing import Final

import msgspec
import sqlalchemy as sa

from nova_lite.base import clock
from nova_lite.db.cell.models import console_tokens
from nova_lite.db.engine import Reader, Tx
from nova_lite.domain.console import ConsoleAddress, ConsoleToken, ConsoleType

c = console_tokens.c
_decode = msgspec.json.Decoder(ConsoleAddress).decode
_READ: Final = sa.select(console_tokens)


def insert(tx: Tx, token: ConsoleToken) -> None:
    tx.execute(
        console_tokens.insert(),
        {
            "digest": token.digest,
            "instance_uuid": token.instance_uuid,
            "console_type": str(token.kind),
            "host": token.host,
            "address": msgspec.json.encode(token.address).decode(),
            "access_url_base": token.base_url,
            "expires_at": token.expires_at,
            "created_at": clock.now(),
        },
    )


def get(tx: Reader, digest: str) -> ConsoleToken | None:
    row = tx.execute(_READ.where(c.digest == digest)).one_or_none()
    if row is None:
        return None
    return ConsoleToken(
        digest=row.digest,
        instance_uuid=row.instance_uuid,
        kind=ConsoleType(row.console_type),
        host=row.host,
        address=_decode(row.address),
        base_url=row.access_url_base,
        expires_at=row.expires_at,
        used_at=row.used_at,
    )


def use(tx: Tx, digest: str) -> bool:
    """Note the first use; False where somebody was quicker, or the token is gone."""
    first = sa.and_(c.digest == digest, c.used_at.is_(None))
    changed = tx.execute(console_tokens.update().where(first).values(used_at=clock.now()))
    return bool(changed.rowcount)


def delete_of(tx: Tx, instance_uuid: str) -> int:
    """All tokens of a server."""
    return int(tx.execute(console_tokens.delete().where(c.instance_uuid == instance_uuid)).rowcount)


def delete_expired(tx: Tx, before: dt.datetime) -> int:
    """Those that expired before a time."""
    return int(tx.execute(console_tokens.delete().where(c.expires_at < before)).rowcount)
