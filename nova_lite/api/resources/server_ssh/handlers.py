# SPDX-License-Identifier: Apache-2.0
"""What the call about ssh does."""

from typing import Any

from nova_lite.api.request import Request
from nova_lite.domain.instance import Instance
from nova_lite.domain.ssh import SshAddress


def show(request: Request, clients: Any, target: Instance, body: None) -> SshAddress:
    """GET /servers/{server_id}/ssh: asks the host."""
    found: SshAddress = clients.conductor.get_ssh_address(request.context, uuid=target.uuid)
    return found
