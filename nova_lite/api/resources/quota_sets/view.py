# SPDX-License-Identifier: Apache-2.0
"""Quota as the newest microversion shows it."""

from typing import Any

import msgspec

from nova_lite.api.request import Request
from nova_lite.api.resources.quota_sets.handlers import Defaults
from nova_lite.api.resources.quota_sets.schema import NAMES
from nova_lite.api.view import Item, Make, closed
from nova_lite.domain.quota import QuotaSet

_LIMITS = {name: {"type": "integer"} for name in NAMES}
_NUMBERS = closed({name: {"type": "integer"} for name in ("limit", "in_use", "reserved")})

UPDATED_SCHEMA = closed(_LIMITS)
SHOWN_SCHEMA = closed({"id": {"type": "string"}, **_LIMITS})
DETAIL_SCHEMA = closed({"id": {"type": "string"}, **dict.fromkeys(NAMES, _NUMBERS)})


def limits_of(quota: QuotaSet) -> dict[str, Any]:
    return {name: quota.items[name].limit for name in NAMES}


def _updated(request: Request) -> Make:
    return limits_of


def _shown(request: Request) -> Make:
    return lambda quota: {"id": quota.project_id, **limits_of(quota)}


def _defaults(request: Request) -> Make:
    def make(found: Defaults) -> dict[str, Any]:
        return {"id": found.project_id, **{name: found.limits[name] for name in NAMES}}

    return make


def _detail(request: Request) -> Make:
    def make(quota: QuotaSet) -> dict[str, Any]:
        numbers = {name: msgspec.to_builtins(quota.items[name]) for name in NAMES}
        return {"id": quota.project_id, **numbers}

    return make


KEY = "quota_set"
SHOWN = Item(key=KEY, shape="quota_set", build=_shown, of=SHOWN_SCHEMA)
UPDATED = Item(key=KEY, shape="quota_set", build=_updated, of=UPDATED_SCHEMA)
DETAIL = Item(key=KEY, shape="quota_set.detail", build=_detail, of=DETAIL_SCHEMA)
DEFAULTS = Item(key=KEY, shape="quota_set.defaults", build=_defaults, of=SHOWN_SCHEMA)
