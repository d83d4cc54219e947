# SPDX-License-Identifier: Apache-2.0
"""Instance actions: what was asked, by whom, and what became of it."""

import datetime as dt

import msgspec


class ActionEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One step of an action. result: None while it runs, then "Success" or "Error"."""

    event: str
    start_time: dt.datetime
    finish_time: dt.datetime | None = None
    result: str | None = None
    traceback: str | None = None
    host: str | None = None
    details: str | None = None


class InstanceAction(msgspec.Struct, frozen=True, kw_only=True):
    action: str
    instance_uuid: str
    request_id: str
    user_id: str | None
    project_id: str | None
    start_time: dt.datetime
    updated_at: dt.datetime | None = None
    message: str | None = None
    events: list[ActionEvent] = []
    id: int = 0


class ActionQuery(msgspec.Struct, frozen=True, kw_only=True):
    """`marker` is a request id; limit None = all."""

    instance_uuid: str
    limit: int | None = None
    marker: str | None = None
    changes_since: dt.datetime | None = None
    changes_before: dt.datetime | None = None
