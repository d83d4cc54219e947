# SPDX-License-Identifier: Apache-2.0
"""Actions of servers as the newest microversion shows them."""

from typing import Any

from nova_lite.api.request import Request
from nova_lite.api.resources.instance_actions import policy
from nova_lite.api.resources.servers.view import host_id
from nova_lite.api.resources.servers.view_schema import BARE_TIME, TEXT, TEXT_OR_NULL
from nova_lite.api.times import plain
from nova_lite.api.versions.behaviours import Behaviour
from nova_lite.api.view import Collection, Item, Make, closed
from nova_lite.domain.events import ActionEvent, InstanceAction

_SUMMARY = {
    "action": TEXT,
    "instance_uuid": {"type": "string", "format": "uuid"},
    "request_id": TEXT,
    "user_id": TEXT_OR_NULL,
    "project_id": TEXT_OR_NULL,
    "start_time": BARE_TIME,
    "updated_at": BARE_TIME,
    "message": TEXT_OR_NULL,
}
_EVENT = closed(
    {
        "event": TEXT,
        "start_time": BARE_TIME,
        "finish_time": BARE_TIME,
        "result": TEXT_OR_NULL,
        "hostId": TEXT,
        "traceback": TEXT_OR_NULL,
        "host": TEXT_OR_NULL,
        "details": TEXT_OR_NULL,
    },
    optional=["traceback", "host", "details"],
)
SUMMARY_SCHEMA = closed(_SUMMARY)
DETAIL_SCHEMA = closed(
    {**_SUMMARY, "events": {"type": "array", "items": _EVENT}}, optional=["events"]
)


def _summary(request: Request) -> Make:
    return _summarise


def _summarise(action: InstanceAction) -> dict[str, Any]:
    return {
        "action": action.action,
        "instance_uuid": action.instance_uuid,
        "request_id": action.request_id,
        "user_id": action.user_id,
        "project_id": action.project_id,
        "start_time": plain(action.start_time),
        "updated_at": plain(action.updated_at),
        "message": action.message,
    }


def _detail(request: Request) -> Make:
    inner = request.allowed(policy.EVENTS)
    details = request.allowed(policy.EVENT_DETAILS)
    events = inner or request.has(Behaviour.EVENTS_FOR_ALL)

    def make_event(event: ActionEvent, action: InstanceAction) -> dict[str, Any]:
        item = {
            "event": event.event,
            "start_time": plain(event.start_time),
            "finish_time": plain(event.finish_time),
            "result": event.result,
            "hostId": host_id(action.project_id, event.host),
        }
        if inner:
            item["traceback"] = event.traceback
            item["host"] = event.host
        if details:
            item["details"] = event.details
        return item

    def make(action: InstanceAction) -> dict[str, Any]:
        item = _summarise(action)
        if events:
            item["events"] = [make_event(event, action) for event in action.events]
        return item

    return make


SUMMARIES = Collection(
    key="instanceActions",
    shape="action.summary",
    build=_summary,
    of=SUMMARY_SCHEMA,
    links_key="links",
    marker=lambda action: str(action.request_id),
)
DETAIL = Item(key="instanceAction", shape="action.detail", build=_detail, of=DETAIL_SCHEMA)
