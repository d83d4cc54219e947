# SPDX-License-Identifier: Apache-2.0
"""Key pairs belong to a user, not to a project."""

import datetime as dt

import msgspec


class Keypair(msgspec.Struct, frozen=True, kw_only=True):
    """`type` is ssh or x509. The private key is never stored."""

    name: str
    user_id: str
    public_key: str
    fingerprint: str
    type: str = "ssh"
    id: int = 0
    created_at: dt.datetime | None = None


class KeypairQuery(msgspec.Struct, frozen=True, kw_only=True):
    user_id: str
    limit: int = 1000
    marker: str | None = None
