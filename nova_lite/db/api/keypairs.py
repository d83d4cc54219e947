# SPDX-License-Identifier: Apache-2.0
"""Key pairs of users: the public halves."""

import sqlalchemy as sa

from nova_lite.base import clock
from nova_lite.db import errors as db_errors
from nova_lite.db.api.models import key_pairs
from nova_lite.db.engine import Tx
from nova_lite.domain import errors
from nova_lite.domain.keypair import Keypair, KeypairQuery

_K = key_pairs.c
_SELECT = sa.select(
    *(_K.id, _K.user_id, _K.name, _K.type, _K.fingerprint, _K.public_key, _K.created_at)
)


def get(tx: Tx, user_id: str, name: str) -> Keypair:
    """Raises KeypairNotFound."""
    row = tx.execute(_SELECT.where(_K.user_id == user_id, _K.name == name)).mappings().first()
    if row is None:
        raise errors.KeypairNotFound(name=name, user_id=user_id)
    return Keypair(**row)


def list_keypairs(tx: Tx, query: KeypairQuery) -> list[Keypair]:
    """A page, by name. Raises MarkerNotFound."""
    statement = _SELECT.where(_K.user_id == query.user_id).order_by(_K.name).limit(query.limit)
    if query.marker is not None:
        same = sa.select(_K.id).where(_K.user_id == query.user_id, _K.name == query.marker)
        if tx.scalar(same) is None:
            raise errors.MarkerNotFound(marker=query.marker)
        statement = statement.where(_K.name > query.marker)
    return [Keypair(**row) for row in tx.execute(statement).mappings()]


def count(tx: Tx, user_id: str) -> int:
    return int(tx.scalar(sa.select(sa.func.count()).where(_K.user_id == user_id)))


def create(tx: Tx, keypair: Keypair) -> None:
    """Raises KeypairExists."""
    values = {
        "user_id": keypair.user_id,
        "name": keypair.name,
        "type": keypair.type,
        "fingerprint": keypair.fingerprint,
        "public_key": keypair.public_key,
        "created_at": keypair.created_at or clock.now(),
    }
    try:
        tx.execute(key_pairs.insert(), values)
    except db_errors.Duplicate as error:
        raise errors.KeypairExists(name=keypair.name) from error


def delete(tx: Tx, user_id: str, name: str) -> None:
    """Raises KeypairNotFound."""
    statement = key_pairs.delete().where(_K.user_id == user_id, _K.name == name)
    if tx.execute(statement).rowcount != 1:
        raise errors.KeypairNotFound(name=name, user_id=user_id)
