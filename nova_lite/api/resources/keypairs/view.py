# SPDX-License-Identifier: Apache-2.0
"""Key pairs as the newest microversion shows them."""

from typing import Any

from nova_lite.api.request import Request
from nova_lite.api.resources.keypairs.handlers import Created
from nova_lite.api.times import plain
from nova_lite.api.view import Collection, Item, Make, closed, wrapped
from nova_lite.domain.keypair import Keypair

_TEXT = {"type": "string"}
_KIND = {"type": "string", "enum": ["ssh", "x509"]}
_SHORT = {"name": _TEXT, "public_key": _TEXT, "fingerprint": _TEXT, "type": _KIND}

SUMMARY_SCHEMA = wrapped("keypair", closed(_SHORT))
CREATED_SCHEMA = closed(
    {**_SHORT, "user_id": _TEXT, "private_key": _TEXT}, optional=["private_key"]
)
DETAIL_SCHEMA = closed(
    {
        **_SHORT,
        "user_id": _TEXT,
        "id": {"type": "integer"},
        "created_at": {"type": ["string", "null"]},
        "updated_at": {"type": "null"},
        "deleted": {"type": "boolean"},
        "deleted_at": {"type": "null"},
    }
)


def _short(keypair: Keypair) -> dict[str, Any]:
    return {
        "name": keypair.name,
        "public_key": keypair.public_key,
        "fingerprint": keypair.fingerprint,
        "type": keypair.type,
    }


def _summary(request: Request) -> Make:
    return lambda keypair: {"keypair": _short(keypair)}


def _created(request: Request) -> Make:
    def make(created: Created) -> dict[str, Any]:
        item = {**_short(created.keypair), "user_id": created.keypair.user_id}
        if created.private_key is not None:
            item["private_key"] = created.private_key
        return item

    return make


def _detail(request: Request) -> Make:
    def make(keypair: Keypair) -> dict[str, Any]:
        return {
            **_short(keypair),
            "user_id": keypair.user_id,
            "id": keypair.id,
            "created_at": plain(keypair.created_at),
            "updated_at": None,
            "deleted": False,
            "deleted_at": None,
        }

    return make


SUMMARIES = Collection(
    key="keypairs",
    shape="keypair.summary",
    build=_summary,
    of=SUMMARY_SCHEMA,
    links_key="keypairs_links",
    marker=lambda keypair: keypair.name,
)
CREATED = Item(key="keypair", shape="keypair.detail", build=_created, of=CREATED_SCHEMA)
DETAIL = Item(key="keypair", shape="keypair.detail", build=_detail, of=DETAIL_SCHEMA)
