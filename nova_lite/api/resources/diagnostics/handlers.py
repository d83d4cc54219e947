# SPDX-License-Identifier: Apache-2.0
"""What the call about diagnostics does."""

from typing import Any

from nova_lite.api.request import Request
from nova_lite.domain import lifecycle
from nova_lite.domain.diagnostics import Diagnostics
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import Action


def show(request: Request, clients: Any, target: Instance, body: None) -> Diagnostics:
    """GET /servers/{server_id}/diagnostics: asks the host."""
    lifecycle.check(Action.GET_DIAGNOSTICS, target.snapshot(), is_admin=request.context.is_admin)
    found: Diagnostics = clients.conductor.get_diagnostics(request.context, uuid=target.uuid)
    return found
