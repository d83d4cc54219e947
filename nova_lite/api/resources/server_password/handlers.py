# SPDX-License-Identifier: Apache-2.0
"""What the calls about the password of a server do."""

from typing import Any

from nova_lite.api.request import Request
from nova_lite.domain.instance import Instance


def show(request: Request, clients: Any, target: Instance, body: None) -> str:
    """GET /servers/{server_id}/os-server-password: '' before the guest has told one."""
    return target.guest_password


def clear(request: Request, clients: Any, target: Instance, body: None) -> None:
    """DELETE /servers/{server_id}/os-server-password: the guest's own stays as it is."""
    clients.conductor.set_guest_password(request.context, uuid=target.uuid, password="")
