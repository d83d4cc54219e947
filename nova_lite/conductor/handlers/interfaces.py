# SPDX-License-Identifier: Apache-2.0
"""Interfaces of servers: one more, which the caller waits for, as clients expect."""

from typing import Any, Final

import msgspec

from nova_lite.base import ids
from nova_lite.base.context import RequestContext
from nova_lite.conductor.deps import Deps
from nova_lite.conductor.handlers.actions import ActionHandlers
from nova_lite.conductor.runner import Runner
from nova_lite.domain import errors
from nova_lite.domain.devices import NetworkWish, Vif
from nova_lite.domain.states import Action

PATIENCE: Final = 120.0  # seconds; the flow goes on, and ends, without the caller


class InterfaceHandlers:
    def __init__(self, deps: Deps, actions: ActionHandlers, runner: Runner) -> None:
        self._deps = deps
        self._actions = actions
        self._runner = runner

    def attach_interface(self, context: RequestContext, *, uuid: str, wish: NetworkWish) -> Vif:
        if wish.uuid is not None or wish.port is not None:
            self._deps.network.validate(context, [wish], 1)
        params: dict[str, Any] = {
            "wish": msgspec.to_builtins(wish),
            "port_id": wish.port or ids.new_uuid(),
        }
        run = self._actions.begin(context, uuid, Action.ATTACH_INTERFACE, params)
        if run is None or not self._runner.wait_for(run, PATIENCE):
            raise errors.InterfaceAttachFailed(
                instance_id=uuid, reason="it takes long; the events of the server will tell"
            )
        trouble = run.progress.trouble
        if trouble is not None:
            raise errors.from_code(trouble.code, trouble.values, trouble.message)
        if run.record.stop:
            raise errors.InterfaceAttachFailed(
                instance_id=uuid, reason="another action took the server over"
            )
        return msgspec.convert(run.result("port"), Vif)
