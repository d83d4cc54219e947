# SPDX-License-Identifier: Apache-2.0
"""A flow that runs: how far it is, as it is stored, so that another conductor can go on."""

import datetime as dt
from typing import Any

import msgspec

from nova_lite.domain.events import ActionEvent
from nova_lite.domain.states import Action


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """Why a run is being undone: an error of domain/errors.py as data."""

    code: str
    message: str
    values: dict[str, Any] = {}
    details: str | None = None


class Progress(msgspec.Struct, kw_only=True):
    """What a run has learned; mutable, written as one JSON document.

    params    what was asked with the action
    results   step name -> what it returned (plain JSON)
    events    steps that ended, for the instance action
    trouble   set while the run is being undone
    back_to   the step that an undo ends before, to try again from there; None: undo all
    preempts  ids of the runs that this one took over from
    """

    schema: int = 1
    params: dict[str, Any] = {}
    results: dict[str, Any] = {}
    events: list[ActionEvent] = []
    trouble: Trouble | None = None
    back_to: str | None = None
    preempts: list[str] = []


class FlowRun(msgspec.Struct, kw_only=True):
    """One flow of one instance. Mutable: the engine moves it on and writes it.

    `step` is the name of the next step. `stop`: somebody else took the instance over, so that
    everything is to be undone. `owner` is one incarnation of one conductor, "" none.
    `context` is JSON text without the token; `before` the vm_state at the beginning.
    """

    id: str
    instance_uuid: str
    flow: str
    action: Action
    before: str
    request_id: str
    owner: str
    step: str
    deadline: dt.datetime
    context: str
    undoing: bool = False
    stop: bool = False
    created_at: dt.datetime | None = None
    progress: Progress = msgspec.field(default_factory=Progress)
