# SPDX-License-Identifier: Apache-2.0
"""Files are no longer injected into servers, and their limits go with them."""

from typing import Any, Final

from nova_lite.api.shapes import QUOTA
from nova_lite.api.versions.change import Change, Drop, JsonSchema, replaced, steps, without
from nova_lite.api.versions.servers import REBUILT
from nova_lite.domain.quota import INJECTED

_PERSONALITY: Final[JsonSchema] = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "path": {"type": "string"},
            "contents": {"type": "string", "format": "base64"},
        },
        "additionalProperties": False,
    },
}
_INJECTED_LIMITS: Final = dict.fromkeys(INJECTED, QUOTA)


def _limits(item: dict[str, Any], quota: Any, request: Any) -> None:
    for name in INJECTED:
        item[name] = quota.items[name].limit


def _default_limits(item: dict[str, Any], found: Any, request: Any) -> None:
    for name in INJECTED:
        item[name] = found.limits[name]


def _numbers(item: dict[str, Any], quota: Any, request: Any) -> None:
    for name in INJECTED:
        found = quota.items[name]
        item[name] = {
            "limit": found.limit,
            "in_use": found.in_use,
            "reserved": found.reserved,
        }


def _absolute(item: dict[str, Any], quota: Any, request: Any) -> None:
    item["absolute"] |= {
        "maxPersonality": quota.items["injected_files"].limit,
        "maxPersonalitySize": quota.items["injected_file_content_bytes"].limit,
    }


CHANGE = Change(
    number=57,
    title=(
        "personality removed; rebuild accepts user_data; injected_* quotas and maxPersonality* "
        "limits removed"
    ),
    body={
        "servers.create": replaced("server", personality=_PERSONALITY),
        "servers.action.rebuild": steps(
            without("rebuild", "user_data"), replaced("rebuild", personality=_PERSONALITY)
        ),
        "quota_sets.update": replaced("quota_set", **_INJECTED_LIMITS),
        "quota_class_sets.update": replaced("quota_class_set", **_INJECTED_LIMITS),
    },
    response={
        REBUILT: (Drop("user_data"),),
        "quota_set": (_limits,),
        "quota_set.defaults": (_default_limits,),
        "quota_set.detail": (_numbers,),
        "quota_class_set": (_default_limits,),
        "limits": (_absolute,),
    },
)
