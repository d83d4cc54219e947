# SPDX-License-Identifier: Apache-2.0
"""A lock has a reason, and servers can be found by their locks."""

from nova_lite.api.versions.behaviours import Behaviour
from nova_lite.api.versions.change import Change, Drop, JsonSchema, on, replaced
from nova_lite.api.versions.servers import LISTS, WHOLE


def _without_locked(schema: JsonSchema) -> None:
    del schema["properties"]["locked"]
    keys = schema["properties"]["sort_key"]["items"]
    keys["enum"] = [key for key in keys["enum"] if key != "locked"]


CHANGE = Change(
    number=73,
    title="lock with locked_reason; locked_reason in show; `locked` filter and sort key",
    body={"servers.action.lock": replaced("", lock={})},
    query=dict.fromkeys(LISTS, _without_locked),
    response=on(WHOLE, Drop("locked_reason")),
    behaviours=(Behaviour.LOCKED_FILTER,),
)
