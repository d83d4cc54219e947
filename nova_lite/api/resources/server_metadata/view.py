# SPDX-License-Identifier: Apache-2.0
"""Metadata, as it is."""

from nova_lite.api.request import Request
from nova_lite.api.view import Item, Make

SCHEMA = {"type": "object", "additionalProperties": {"type": "string"}}


def _build(request: Request) -> Make:
    return dict


METADATA = Item(key="metadata", shape="server.metadata", build=_build, of=SCHEMA)
META = Item(key="meta", shape="server.meta", build=_build, of=SCHEMA)
