# SPDX-License-Identifier: Apache-2.0
"""The default quota as the newest microversion shows it."""

from typing import Any

from nova_lite.api.request import Request
from nova_lite.api.resources.quota_class_sets.handlers import QuotaClass
from nova_lite.api.resources.quota_sets.schema import NAMES
from nova_lite.api.view import Item, Make, closed

SCHEMA = closed(
    {"id": {"type": "string"}, **{name: {"type": "integer"} for name in NAMES}}, optional=["id"]
)


def _build(request: Request) -> Make:
    def make(found: QuotaClass) -> dict[str, Any]:
        item: dict[str, Any] = {name: found.limits[name] for name in NAMES}
        if found.shows_id:
            item["id"] = found.name
        return item

    return make


QUOTA_CLASS = Item(key="quota_class_set", shape="quota_class_set", build=_build, of=SCHEMA)
