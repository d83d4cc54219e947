# SPDX-License-Identifier: Apache-2.0
"""The server that a call is about: found, with the project that the policy is asked about, and
the beginning of what is done with it."""

from typing import Any

from nova_lite.api.request import Request
from nova_lite.domain import lifecycle
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import Action


def load(request: Request, clients: Any) -> Instance:
    """The server of the path. One of another project is not found, unless for an admin."""
    uuid = request.params.get("server_id") or request.params["id"]
    found: Instance = clients.conductor.get_instance(request.context, uuid=uuid)
    return found


def begin(
    request: Request,
    clients: Any,
    server: Instance,
    action: Action,
    params: dict[str, Any] | None = None,
    secrets: dict[str, str] | None = None,
) -> None:
    """Ask the conductor. What cannot be is refused here already, by the same table."""
    lifecycle.check(action, server.snapshot(), is_admin=request.context.is_admin)
    clients.conductor.begin_action(
        request.context, uuid=server.uuid, action=action, params=params or {}, secrets=secrets
    )
