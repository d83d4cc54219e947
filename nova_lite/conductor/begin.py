# SPDX-License-Identifier: Apache-2.0
"""How a flow begins: its record, its instance action, and the run that goes with them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import msgspec

from nova_lite.base import clock, ids
from nova_lite.base.context import RequestContext
from nova_lite.conductor.run import Flow
from nova_lite.domain import lifecycle
from nova_lite.domain.events import InstanceAction
from nova_lite.domain.flow_run import FlowRun, Progress
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import Action

_encode = msgspec.json.Encoder().encode


def record_of(
    flow: Flow,
    action: Action,
    instance: Instance,
    context: RequestContext,
    *,
    owner: str,
    conf: Any,
    params: Mapping[str, Any] | None = None,
) -> FlowRun:
    """A run at its first step. The token is left out of what is stored."""
    return FlowRun(
        id=ids.new_uuid(),
        instance_uuid=instance.uuid,
        flow=flow.name,
        action=action,
        before=str(instance.vm_state),
        request_id=context.request_id,
        owner=owner,
        step=flow.steps[0].name,
        deadline=clock.now() + timedelta(seconds=flow.seconds(conf)),
        context=_encode(msgspec.structs.replace(context, auth_token=None)).decode(),
        progress=Progress(params=dict(params or {})),
    )


def action_of(action: Action, instance: Instance, context: RequestContext) -> InstanceAction:
    """The instance action that users see."""
    return InstanceAction(
        action=lifecycle.BY_ACTION[action].verb,
        instance_uuid=instance.uuid,
        request_id=context.request_id,
        user_id=context.user_id,
        project_id=context.project_id,
        start_time=clock.now(),
    )
